"""Two real workers: what is kept beside the orders follows them, and both workers say the same of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from app.domain.order.commands import CancelOrder, Checkout
from app.domain.returns.commands import LineToReturn, RequestReturn
from app.domain.stock.commands import ReceiveStock
from app.topics import ORDER_COMMANDS, RETURN_COMMANDS, STOCK_COMMANDS
from app.wire.contracts import ORDERS, RETURNS, STOCK
from tests.web.stored import FACTS

if TYPE_CHECKING:
    from tests.web.shop import Desk

DAY = FACTS.placed_at.replace(year=2027)  # nobody else's orders are of that day
NORTH = Checkout(warehouse="north", backorder=True)


def ids(body: Any) -> set[str]:
    return {row["order_id"] for row in body["orders"]}


async def place(desk: Desk, order_id: str, **facts: Any) -> None:
    """Place an order of 2 tea that is reserved, authorised and confirmed by itself."""
    await desk.ask(ORDERS, ORDER_COMMANDS, order_id, replace(FACTS, placed_at=DAY, checkout=NORTH, **facts))


async def test_what_follows_from_orders_is_there_a_moment_later_at_both_workers(desk: Desk) -> None:
    here = ReceiveStock(receipt_id="r-1", quantity=3, at=DAY)
    await desk.ask(STOCK, STOCK_COMMANDS, "tea@north", here)
    await desk.until("/stock/tea", lambda body: body["on_hand"] == 3)
    await place(desk, "v-1", cart_id="k-1")
    await desk.until("/work/to-ship", lambda body: "v-1" in ids(body))
    await place(desk, "v-2")
    await desk.until("/work/awaiting-stock", lambda body: "v-2" in ids(body))

    stock = await desk.until("/stock/tea", lambda body: body["backordered"] == 1)
    assert (stock["reserved"], stock["free"], stock["warehouses"][0]["warehouse"]) == (3, -1, "north")
    there = await desk.until("/orders/v-2/reservations", lambda body: bool(body["reservations"]))
    assert [(row["item_id"], row["reserved"], row["backordered"]) for row in there["reservations"]] == [
        ("tea@north", 1, 1)
    ]
    cart = await desk.until("/carts/k-1", lambda body: body["order_id"] == "v-1")
    assert cart["given_up"] == []
    ledger = await desk.until("/orders/v-1/payments", lambda body: body["status"] == "authorised")
    assert ledger["balance"]["held"] == 700
    await desk.until("/orders?status=confirmed&limit=200", lambda body: {"v-1", "v-2"} <= ids(body))
    await desk.until("/processes/v-1", lambda body: (body["stage"], body["waits"]) == ("confirmed", []))
    await desk.until("/processes?state=stuck", lambda body: body == {"state": "stuck", **NOTHING})

    timeline = await desk.until("/orders/v-1/timeline?limit=200", lambda body: body["next"] is None)
    told = [(each["kind"], each["type"]) for each in timeline["timeline"]]
    assert told[0] == ("event", "order-placed.v1")
    steps = [("command", "reserve-stock.v1"), ("event", "stock-reserved.v1"), ("event", "order-confirmed.v1")]
    assert [told.index(step) for step in steps] == sorted([told.index(step) for step in steps])
    assert len({each["correlation_id"] for each in timeline["timeline"]}) == 1, "one command began it all"

    await desk.ask(ORDERS, ORDER_COMMANDS, "v-2", CancelOrder())
    await desk.until("/orders?status=cancelled&limit=200", lambda body: "v-2" in ids(body))
    path = f"/totals?zone=UTC&currency=EUR&from={DAY.date()}&to={DAY.date()}"
    totals = await desk.until(path, lambda body: body["totals"][0]["cancelled_orders"] == 1)
    assert [(row["orders"], row["ordered"], row["cancelled"]) for row in totals["totals"]] == [(2, 1400, 700)]
    await desk.until("/stock/tea/north", lambda body: (body["reserved"], body["backordered"]) == (2, 0))


NOTHING: dict[str, Any] = {"processes": [], "next": None, "missing": []}


async def test_a_return_is_on_the_list_of_who_must_answer_it(desk: Desk) -> None:
    line = LineToReturn(line_id="1", sku="tea", quantity=1, ordered=2, line_total=700)
    asked = RequestReturn(order_id="v-1", requested_at=DAY, currency="EUR", lines=(line,))
    await desk.ask(RETURNS, RETURN_COMMANDS, "rt-1", asked)
    work = await desk.until("/work/returns-to-approve", lambda body: bool(body["returns"]))
    assert [(row["return_id"], row["order_id"], row["units"]) for row in work["returns"]] == [
        ("rt-1", "v-1", 1)
    ]
    returned = await desk.until("/returns/rt-1", lambda body: body["status"] == "requested")
    assert (returned["version"], returned["refund"]) == (1, 0)
    events = await desk.until("/returns/rt-1/events", lambda body: len(body) == 1)
    assert events[0]["type"] == "return-requested.v1"
