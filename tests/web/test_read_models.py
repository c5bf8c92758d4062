"""What is kept beside an order, by its key: its money, what is reserved for it, returns, carts, and stock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from yarl import URL

from app.domain.cart.state import Cart
from app.domain.returns.commands import LineToReturn
from app.domain.returns.events import ReturnRequested
from app.domain.returns.state import Return
from app.views.stock import Availability, OpenReservation, availability_key, reservation_key
from app.wire.events import journal_key
from tables.carts import CARTS_TABLE
from tables.returns import RETURN_JOURNAL, RETURNS_TABLE
from tables.stock import AVAILABILITY, RESERVATIONS
from tests.web.stored import PLACED_AT, store_order, store_row
from tests.web.stub import PARTITIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import ClientSession

    from tests.web.conftest import Served
    from tests.web.stub import Group

ODD = "ä/b?c#d e%"  # an id may hold any character
QUOTED = "%C3%A4%2Fb%3Fc%23d%20e%25"


@pytest.fixture(autouse=True)
def _shared(group: Group) -> None:
    group.owners = {number: ("w1", "w2")[number % 2] for number in range(PARTITIONS)}


async def get(
    http: ClientSession, worker: Served, path: str, **headers: str
) -> tuple[int, Any, Mapping[str, str]]:
    """Return status, body and headers of an answer."""
    async with http.get(URL(f"{worker[0].make_url('/')}{path}", encoded=True), headers=headers) as answer:
        body = await answer.json(content_type=None) if answer.status != 304 else None
        return answer.status, body, answer.headers


async def from_both(http: ClientSession, w1: Served, w2: Served, path: str) -> tuple[int, Any]:
    """Return the answer, which is the same from either worker."""
    here, there = await get(http, w1, path), await get(http, w2, path)
    assert here[:2] == there[:2]
    assert here[2].get("ETag") == there[2].get("ETag")
    return here[0], here[1]


def store_stock(group: Group, sku: str, warehouse: str, **facts: Any) -> None:
    row = Availability(sku=sku, warehouse=warehouse, **facts)
    store_row(group, AVAILABILITY, sku, availability_key(row).decode(), row)


def store_reservation(group: Group, order_id: str, item_id: str, line_id: str) -> None:
    row = OpenReservation(
        order_id=order_id, item_id=item_id, line_id=line_id, quantity=3, backordered=1, placed_at=PLACED_AT
    )
    store_row(group, RESERVATIONS, order_id, reservation_key(order_id, item_id, line_id).decode(), row)


def store_return(group: Group, return_id: str) -> None:
    asked = ReturnRequested(
        order_id="o-1",
        requested_at=PLACED_AT,
        currency="EUR",
        lines=(LineToReturn(line_id="1", sku="tea", quantity=1, ordered=2, line_total=700),),
    )
    store_row(group, RETURNS_TABLE, return_id, return_id, Return(return_id=return_id, version=4, facts=asked))


@pytest.mark.parametrize(("order_id", "path"), [("o-1", "o-1"), (ODD, QUOTED)])
async def test_the_ledger_of_an_order_has_the_orders_version_as_its_tag(
    group: Group, w1: Served, w2: Served, http: ClientSession, order_id: str, path: str
) -> None:
    store_order(group, order_id, 7)
    status, ledger = await from_both(http, w1, w2, f"orders/{path}/payments")
    assert (status, ledger["order_id"], ledger["balance"]["need"]) == (200, order_id, 700)
    status, _, headers = await get(http, w1, f"orders/{path}/payments", **{"If-None-Match": '"7"'})
    assert (status, headers["ETag"]) == (304, '"7"')


async def test_what_is_reserved_for_an_order_comes_item_by_item_in_pages(
    group: Group, w1: Served, w2: Served, http: ClientSession
) -> None:
    for item in ("tea@north", "cup@south"):
        store_reservation(group, "o-1", item, "1")
    store_reservation(group, "o-11", "tea@north", "1")
    status, body = await from_both(http, w1, w2, "orders/o-1/reservations")
    assert (status, [row["item_id"] for row in body["reservations"]]) == (200, ["cup@south", "tea@north"])
    assert body["reservations"][0] == {
        "order_id": "o-1", "item_id": "cup@south", "line_id": "1", "quantity": 3, "reserved": 0, "backordered": 1,
        "shipped": 0, "placed_at": "2026-11-25T08:00:00Z", "status": "held",
    }  # fmt: skip
    _, first = await from_both(http, w1, w2, "orders/o-1/reservations?limit=1")
    _, second = await from_both(http, w1, w2, f"orders/o-1/reservations?limit=1&cursor={first['next']}")
    assert [row["item_id"] for row in second["reservations"]] == ["tea@north"]
    assert second["next"] is None
    status, problem = await from_both(http, w1, w2, f"orders/o-2/reservations?cursor={first['next']}")
    assert (status, problem["errors"][0]["parameter"]) == (400, "cursor")
    assert (await from_both(http, w1, w2, "orders/nobody/reservations"))[1]["reservations"] == []


async def test_the_stock_of_a_sku_is_the_sum_of_its_warehouses(
    group: Group, w1: Served, w2: Served, http: ClientSession
) -> None:
    store_stock(group, "tea", "north", on_hand=5, reserved=2, available=3, free=3, open_reservations=1)
    store_stock(group, "tea", "south", on_hand=1, reserved=1, backordered=4, free=-4)
    store_stock(group, "teapot", "north", on_hand=100)
    status, body = await from_both(http, w1, w2, "stock/tea")
    assert status == 200
    assert {name: body[name] for name in ("on_hand", "reserved", "backordered", "available", "free")} == {
        "on_hand": 6, "reserved": 3, "backordered": 4, "available": 3, "free": -1,
    }  # fmt: skip
    assert [(row["warehouse"], row["on_hand"]) for row in body["warehouses"]] == [("north", 5), ("south", 1)]
    _, first = await from_both(http, w1, w2, "stock/tea?limit=1")
    _, second = await from_both(http, w1, w2, f"stock/tea?limit=1&cursor={first['next']}")
    assert [row["warehouse"] for row in (*first["warehouses"], *second["warehouses"])] == ["north", "south"]
    assert (first["on_hand"], second["on_hand"], second["next"]) == (6, 6, None)


@pytest.mark.parametrize("count", [499, 500, 501])
async def test_many_warehouses_are_summed_without_reading_them_at_once(
    group: Group, w1: Served, w2: Served, http: ClientSession, count: int
) -> None:
    for number in range(count):
        store_stock(group, "tea", f"w-{number}", on_hand=2)
    _, body = await from_both(http, w1, w2, "stock/tea?limit=10")
    assert (body["on_hand"], len(body["warehouses"])) == (2 * count, 10)


async def test_stock_may_be_cached_by_others_for_some_seconds(
    group: Group, w1: Served, w2: Served, http: ClientSession
) -> None:
    store_stock(group, ODD, ODD, on_hand=5)
    status, body = await from_both(http, w1, w2, f"stock/{QUOTED}/{QUOTED}")
    assert (status, body["sku"], body["warehouse"], body["on_hand"]) == (200, ODD, ODD, 5)
    _, _, headers = await get(http, w1, f"stock/{QUOTED}")
    assert headers["CDN-Cache-Control"] == "max-age=5, stale-while-revalidate=30"


async def test_a_return_and_its_events_are_read_like_an_order(
    group: Group, w1: Served, w2: Served, http: ClientSession
) -> None:
    store_return(group, "r-1")
    for version in (1, 2, 3, 4):
        row = {journal_key(b"r-1", version): b'{"n":%d}' % version}
        group.rows(RETURN_JOURNAL, b"r-1").update(row)
    status, body = await from_both(http, w1, w2, "returns/r-1")
    assert (status, body["return_id"], body["status"]) == (200, "r-1", "requested")
    status, events = await from_both(http, w1, w2, "returns/r-1/events?after=2&limit=1")
    assert (status, events) == (200, [{"n": 3}])
    assert (await get(http, w2, "returns/r-1", **{"If-None-Match": '"4"'}))[0] == 304


async def test_a_cart_names_the_order_that_it_became(
    group: Group, w1: Served, w2: Served, http: ClientSession
) -> None:
    store_row(group, CARTS_TABLE, "k-1", "k-1", Cart(cart_id="k-1", version=1, order_id="o-1"))
    assert await from_both(http, w1, w2, "carts/k-1") == (
        200, {"cart_id": "k-1", "version": 1, "order_id": "o-1", "given_up": []},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("orders/o-9/payments", "order-unknown"),
        ("returns/r-9", "return-unknown"),
        ("returns/r-9/events", "return-unknown"),
        ("carts/k-9", "cart-unknown"),
        ("stock/air", "stock-unknown"),
        ("stock/tea/moon", "stock-unknown"),
        ("work/nothing", "no-such-resource"),
    ],
)
async def test_what_nobody_knows_is_a_problem_with_a_code(
    w1: Served, w2: Served, http: ClientSession, path: str, code: str
) -> None:
    status, problem = await from_both(http, w1, w2, path)
    assert (status, problem["code"]) == (404, code)
