"""An audit finds nothing in what the agents did, and each kind of difference that is planted there."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from app.cli.audit.auditing import TABLES
from app.cli.audit.findings import YOUNG
from app.cli.audit.rows import Row
from app.domain.stock.evolver import evolve
from app.domain.stock.state import Reservation
from tables.orders import ORDERS
from tables.processes import PROCESSES
from tables.stock import STOCK_ENTRIES, STOCK_ITEMS
from tables.totals import DAILY_TOTALS
from tests.audit.copies import NOW_MS, Copy, copy_of
from tests.audit.lived import lived

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.cli.audit.auditing import Result
    from app.lane.declare import AnyTable, Record

    Spoil = Callable[[Copy], None]
    Change = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    system = lived(tmp_path_factory.mktemp("lived"), 2500)
    yield copy_of(system)
    system.close()
    assert not system.failed


async def test_nothing_differs_in_what_the_agents_did(clean: Copy) -> None:
    result = await clean.audit()
    assert result.findings.differences == []
    checked = result.findings.checked
    assert all(checked[f"rows of {table.name}"] for table in TABLES if table is not PROCESSES)
    assert result.counts["orders"] > 100


async def test_an_order_that_waits_for_its_provider_is_in_flight_and_not_wrong(clean: Copy) -> None:
    result = await clean.audit()
    assert result.counts["in flight"] == len(result.findings.flying) > 0
    assert all("waits for authorization" in why for why in result.findings.flying.values())


def first(copy: Copy, type_: str, **data: Any) -> tuple[str, int, dict[str, Any]]:
    """Return topic, place and body of the first event of a type, whose data has these members."""
    for topic, records in copy.topics.items():
        for place, record in enumerate(records):
            body = json.loads(record.value or b"")
            if body["type"] == type_ and data.items() <= body["data"].items():
                return topic, place, body
    raise LookupError(type_)


def edit(type_: str, change: Change) -> Spoil:
    """Let the first event of a type say something else."""

    def spoil(copy: Copy) -> None:
        topic, place, body = first(copy, type_)
        change(body["data"])
        copy.topics[topic][place] = _with(copy.topics[topic][place], body)

    return spoil


def add(name: str, more: int, where: str = "") -> Change:
    """Add to a number of an event's data, or of the first of a list in it."""

    def change(data: dict[str, Any]) -> None:
        part = data[where][0] if where else data
        part[name] = part.get(name, 0) + more

    return change


def twice(type_: str) -> Spoil:
    def spoil(copy: Copy) -> None:
        topic, place, _ = first(copy, type_)
        copy.topics[topic].append(copy.topics[topic][place])

    return spoil


def lost(type_: str, **data: Any) -> Spoil:
    def spoil(copy: Copy) -> None:
        topic, place, _ = first(copy, type_, **data)
        del copy.topics[topic][place]

    return spoil


def claimed_by_two(copy: Copy) -> None:
    topic, place, body = first(copy, "cart-claimed.v1")
    body |= {"data": {"order_id": "another"}, "sequence": "2"}
    copy.topics[topic].insert(place + 1, _with(copy.topics[topic][place], body))


def taken_from_a_confirmed_order(copy: Copy) -> None:
    events = [json.loads(record.value or b"") for record in copy.topics["order-events"]]
    confirmed = {event["subject"] for event in events if event["type"] == "order-confirmed.v1"}
    for order_id in confirmed:
        try:
            return lost("cart-claimed.v1", order_id=order_id)(copy)
        except LookupError:
            continue
    raise LookupError("no confirmed order has a cart")


def elsewhere(copy: Copy) -> None:
    records = copy.topics["order-events"]
    records[0] = records[0]._replace(partition=(records[0].partition + 1) % copy.partitions)


def process(change: Callable[[Any], Any]) -> Spoil:
    """Let the processes of an order that reserved something know something else."""

    def spoil(copy: Copy) -> None:
        for (table, _), rows in copy.tables.items():
            for key, row in rows.items() if table is PROCESSES else ():
                kept = PROCESSES.decode(row.value)
                if kept.process.confirmed and not kept.process.tasks and kept.process.returns:
                    rows[key] = Row(PROCESSES.encode(replace(kept, process=change(kept.process))), 0)
                    return

    return spoil


def with_line(**facts: Any) -> Callable[[Any], Any]:
    return lambda known: replace(known, lines=(replace(known.lines[0], **facts), *known.lines[1:]))


def unheard(known: Any) -> Any:
    return replace(known, returns=tuple(replace(each, version=0) for each in known.returns))


PLANTED: dict[str, tuple[str, Spoil]] = {
    "an event is there twice": ("version", twice("order-confirmed.v1")),
    "an event is lost": ("version", lost("order-confirmed.v1")),
    "an order begins in the middle": ("not-placed", lost("order-placed.v1")),
    "an event lies where its order is not": ("partition", elsewhere),
    "an event cannot be read": ("unreadable", edit("stock-received.v1", add("quantity", -(10**6)))),
    "events do not fit together": ("cannot-happen", lost("stock-reserved.v1")),
    "more is held than is there": ("available-below-0", edit("stock-written-off.v1", add("quantity", 10**6))),
    "an item gives back what it never held": (
        "reservation-below-0",
        edit("stock-released.v1", add("reserved", 10)),
    ),
    "an item says less than its entries": ("rows of stock-items", edit("stock-received.v1", add("quantity", 1))),
    "units leave that nobody ordered": ("units", edit("order-shipped.v1", add("quantity", 100, "lines"))),
    "the stock did not see units leave": ("shipped", edit("stock-shipped.v1", add("quantity", 1))),
    "a line holds more than it wants": ("held-too-much", edit("stock-reserved.v1", add("quantity", 50))),
    "the order knows of another reservation": (
        "reservation",
        edit("reservation-recorded.v1", add("reserved", 1)),
    ),
    "an ended order still holds units": ("held-for-ended", lost("stock-released.v1", reason="payment-declined")),
    "more went back than came": ("refunded-above-captured", edit("refund-succeeded.v1", add("amount", 10**7))),
    "more was promised than came": ("granted-above-captured", edit("refund-granted.v1", add("amount", 10**7))),
    "more came than the order costs": ("due", edit("payment-captured.v1", add("amount", 10**7))),
    "a void was never answered": ("rows of orders", lost("payment-voided.v1")),
    "units are paid back for too much": ("worth-of-units", edit("return-received.v1", add("amount", 1, "lines"))),
    "a receipt pays back too much": ("refund-of-receipt", edit("return-received.v1", add("refund", 1))),
    "shipping is paid back that nobody approved": ("terms-of-return", edit("return-received.v1", add("shipping", 9))),
    "more came back than was to come": ("too-many-came", edit("return-received.v1", add("sellable", 99, "lines"))),
    "the order does not know a receipt": ("receipt-recorded", lost("return-receipt-recorded.v1")),
    "a receipt was not granted": ("receipt-granted", lost("refund-granted.v1")),
    "the shelf does not have what came back": ("restocked", lost("stock-restocked.v1")),
    "two orders have one cart": ("cart-twice", claimed_by_two),
    "an order has a cart that is another's": ("cart-of-order", taken_from_a_confirmed_order),
    "the processes did not hear of the order": ("heard-of-order", process(lambda p: replace(p, heard=p.heard - 1))),
    "the processes did not hear of the stock": ("heard-of-stock", process(with_line(revision=0))),
    "the processes did not hear of a return": ("heard-of-return", process(unheard)),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "spoil"), PLANTED.values(), ids=PLANTED.keys())
async def test_what_is_planted_is_found(clean: Copy, kind: str, spoil: Spoil) -> None:
    copy = clean.copy()
    spoil(copy)
    assert kind in kinds(await copy.audit())


def kinds(result: Result) -> set[str]:
    return {finding.kind for finding in result.findings.differences}


def spoilt(clean: Copy, table: AnyTable, how: Callable[[bytes, Row], tuple[bytes, Row] | None]) -> Copy:
    """Return a copy in which a row of a table is gone, or another one."""
    copy = clean.copy()
    rows = next(rows for (of, _), rows in copy.tables.items() if of is table and rows)
    key = min(rows)
    row = rows.pop(key)
    if (made := how(key, row)) is not None:
        rows[made[0]] = made[1]
    return copy


CHECKED = [table for table in TABLES if table is not PROCESSES]


@pytest.mark.parametrize("table", CHECKED, ids=lambda table: table.name)
async def test_a_row_that_is_missing_or_that_no_event_makes_is_found(clean: Copy, table: AnyTable) -> None:
    copy = spoilt(clean, table, lambda key, row: (key + b"-moved", row))
    found = [
        each.what for each in (await copy.audit()).findings.differences if each.kind.endswith(table.name)
    ]
    assert "is missing" in found
    assert "is there, and no event makes it" in found


@pytest.mark.parametrize(
    ("table", "member"),
    [(STOCK_ITEMS, "on_hand"), (ORDERS, "cancelled_amount"), (DAILY_TOTALS, "captured")],
    ids=lambda it: it if isinstance(it, str) else it.name,
)
async def test_a_row_that_differs_is_found_with_the_member_that_does(
    clean: Copy, table: Any, member: str
) -> None:
    def wrong(key: bytes, row: Row) -> tuple[bytes, Row]:
        was = table.decode(row.value)
        return key, Row(table.encode(replace(was, **{member: getattr(was, member) + 1})), 0)

    (found,) = (await spoilt(clean, table, wrong).audit()).findings.differences
    assert found.what.startswith(f"{member} is ")


async def test_what_changed_a_moment_ago_is_in_flight_unless_all_is_quiet(clean: Copy) -> None:
    copy = clean.copy()
    for topic, records in copy.topics.items():
        copy.topics[topic] = [record._replace(timestamp=NOW_MS - 1000) for record in records]
    lost("stock-restocked.v1")(copy)
    excused = await copy.audit(quiet=False)
    assert "restocked" not in kinds(excused)
    assert any(YOUNG in why for why in excused.findings.flying.values())
    assert "restocked" in kinds(await copy.audit(quiet=True))


async def test_the_reserved_units_of_an_item_are_those_of_its_open_reservations(clean: Copy) -> None:
    """The same rules make both: a fault of the rules themselves is planted."""

    def forgetful(state: Any, fact: Any, item_id: str) -> Any:
        after = evolve(state, fact, item_id)
        changed = {
            name: replace(entry, reserved=entry.reserved - 1)
            if isinstance(entry, Reservation) and entry.reserved > 1
            else entry
            for name, entry in after.changed.items()
        }
        return replace(after, changed=changed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.cli.audit.stock.evolve", forgetful)
        found = kinds(await clean.audit())
    assert {"reserved-of-item", f"rows of {STOCK_ENTRIES.name}"} <= found


@pytest.mark.parametrize("what", ["ordered", "cancelled", "captured", "refunded"])
async def test_the_sums_of_an_order_are_added_up_without_its_rules(clean: Copy, what: str) -> None:
    from app.cli.audit import orders  # noqa: PLC0415 - to be spoilt here only

    def wrong(account: Any, fact: Any) -> None:
        right(account, fact)
        was = getattr(account, what)
        setattr(account, what, was + 1 if isinstance(was, int) else was | {("x", "y"): 1})

    right = orders._add
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(orders, "_add", partial(wrong))
        assert what in kinds(await clean.audit())


def _with(record: Record, body: dict[str, Any]) -> Record:
    return record._replace(value=json.dumps(body).encode())
