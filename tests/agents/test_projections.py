"""Lists and totals of orders are right after any sequence of commands: as a recount of all that happened says."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from app.domain.order import commands as order
from app.domain.order.commands import Checkout, Units
from app.domain.order.evolver import fold
from app.domain.order.owed import owed, uncovered
from app.domain.order.statuses import order_status
from app.domain.payment import commands as pay
from app.domain.payment.balance import balance
from app.domain.stock.commands import ReceiveStock
from app.lane.partition import partition_of
from app.views import totals, worklists
from app.views.counted import Counted, counted
from app.views.heads import Head
from app.views.moments import sortable
from app.views.worklists import WORK_LISTS
from app.wire.contracts import ORDERS as CONTRACT
from app.wire.contracts import STOCK
from tables.totals import DAILY_TOTALS
from tables.worklists import COUNTED_ORDERS, ORDER_LIST_HEADS, ORDER_LISTS
from tests.agents.system import PARTITIONS, System
from tests.agents.test_orders import BOUGHT, CANCELLED, DONE_WITH, GIVEN_UP, PAID_AND_RETURNED
from tests.domain import scenario
from tests.domain.scenario import NOON, line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from app.domain.order.state import Order

ORDERS, ROUNDS = 60, 12
POOL = [*BOUGHT, *PAID_AND_RETURNED, *GIVEN_UP, *CANCELLED, *DONE_WITH]
POOL = [each for each in POOL if not isinstance(each, order.PlaceOrder)]
ALL = (Units(line_id="a", quantity=3), Units(line_id="b", quantity=2))
SOLD = (
    BOUGHT[0],
    order.ShipOrder(shipment_id="s-1", lines=ALL, reason="over the counter", at=NOON),
    DONE_WITH[-1],
)
STORIES = (BOUGHT, (*BOUGHT, *PAID_AND_RETURNED), GIVEN_UP, CANCELLED, SOLD)


def an_order(random: Random) -> order.PlaceOrder:
    """Return an order of some zone, currency and hour; every third has a checkout."""
    facts: dict[str, Any] = {"zone": random.choice(["UTC", "Europe/Vienna", "America/Havana"])}
    if not random.randrange(3):
        facts["checkout"] = Checkout(warehouse="north", backorder=bool(random.randrange(2)))
    lines = (line("a", 3, 1000), line("b", 2, 500))
    placed = scenario.order(*lines, shipping=(scenario.shipping(490),), **facts)
    at = NOON + timedelta(hours=random.randrange(96))
    return replace(placed, placed_at=at, currency=random.choice(["EUR", "USD"]))


def of_till(commands: Sequence[order.OrderCommand]) -> list[order.OrderCommand]:
    """Return the commands, with the provider's name where a provider says something."""
    return [
        replace(each, provider="till") if getattr(each, "provider", "") is None else each for each in commands
    ]


def live(system: System, random: Random) -> None:
    """Let one round of life go by: orders are placed and asked for anything, stock comes, time passes."""
    for _ in range(ORDERS // ROUNDS):
        order_id = f"o-{random.randrange(ORDERS)}"
        system.ask(CONTRACT, "order-commands", order_id, an_order(random))
        if random.randrange(2):
            system.ask(CONTRACT, "order-commands", order_id, *of_till(random.choice(STORIES)[1:]))
    for _ in range(40):
        system.ask(
            CONTRACT, "order-commands", f"o-{random.randrange(ORDERS)}", *of_till([random.choice(POOL)])
        )
    for sku in "ab":
        came = ReceiveStock(receipt_id=str(random.random()), quantity=random.randrange(1, 5), at=NOON)
        system.ask(STOCK, "stock-commands", f"sku-{sku}@north", came)
    system.run()
    if not random.randrange(3):
        system.wait(minutes=random.choice([1, 60, 2000]))


def orders_of(system: System) -> list[Order]:
    """Return the orders as their published events say, each event once."""
    told: dict[str, list[Any]] = defaultdict(list)
    for record in system.topics["order-events"]:
        event = CONTRACT.decode_event(record.value or b"")
        told[event.subject].append(event.data)
    folded = [fold(order_id, events) for order_id, events in told.items()]
    return [each for each in folded if each is not None]


def expected_lists(orders: list[Order]) -> dict[str, dict[str, int]]:
    """Return what each list must say, by order: its amount. Counted from the rules, not from the view."""
    lists: dict[str, dict[str, int]] = defaultdict(dict)
    for each in orders:
        status, now = order_status(each).value, balance(owed(each), each.payments)
        of = each.order_id
        lists[status][of] = each.facts.totals.total
        if now.due + now.refunding:
            lists["refunds-to-move"][of] = now.due + now.refunding
        if status not in ("placed", "confirmed"):
            continue
        if uncovered(each):
            lists["awaiting-payment"][of] = uncovered(each)
        left = [
            line.quantity - cancelled - units.shipped
            for line, cancelled, units in zip(
                each.facts.lines, each.all_cancelled, each.all_units, strict=True
            )
        ]
        held = [max(0, min(u.reserved - u.shipped, n)) for u, n in zip(each.all_units, left, strict=True)]
        if any(min(u.backordered, n - h) > 0 for u, n, h in zip(each.all_units, left, held, strict=True)):
            lists["awaiting-stock"][of] = each.facts.totals.total
        if status == "confirmed" and not each.holds and any(held) and not uncovered(each):
            lists["to-ship"][of] = each.facts.totals.total
    return lists


def expected_totals(orders: list[Order]) -> dict[bytes, Counter[str]]:
    """Return the sums of each day: over the orders that were placed then."""
    days: dict[bytes, Counter[str]] = defaultdict(Counter)
    for each in orders:
        facts, now = each.facts, balance(owed(each), each.payments)
        day = totals.day_of(facts.placed_at, facts.zone)
        at = totals.prefix(facts.zone, facts.currency, 2) + str(day).encode()
        days[at].update(
            orders=1,
            cancelled_orders=int(order_status(each).value in ("cancelled", "expired")),
            ordered=facts.totals.total,
            tax=facts.totals.tax,
            shipping=facts.totals.shipping,
            cancelled=each.cancelled_amount,
            captured=now.captured,
            refunded=now.refunded,
            disputed=now.disputed,
        )
    return days


def check_head(system: System, partition: int, of: bytes) -> None:
    """No row lies before the head of its list."""
    store, heads = system._stores.open(partition), system.plan.prefix[ORDER_LIST_HEADS]
    head = store.get(heads + of)
    if head is not None:
        first, rows = ORDER_LIST_HEADS.decode(head).first, system.plan.prefix[ORDER_LISTS]
        assert store.scan(rows + of, rows + first, 1) == []


def compare(system: System) -> set[str]:
    """Compare all lists and totals with a recount. Return the lists in which something was."""
    orders = orders_of(system)
    expected = expected_lists(orders)
    listed = system.rows(ORDER_LISTS)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in listed:
        found[row.list][row.order_id] = row.amount
    assert found == expected
    assert len(listed) == sum(len(each) for each in expected.values())
    for name in expected:
        rows = system.rows(ORDER_LISTS, worklists.prefix(name))
        assert rows == sorted(rows, key=lambda row: (row.placed_at, row.order_id.encode()))
        for n in range(PARTITIONS):
            check_head(system, n, worklists.prefix(name))
    days = expected_totals(orders)
    together = totals.together(system.rows(DAILY_TOTALS))
    assert {totals.key(row) for row in together} == days.keys()
    for row in together:
        for name, value in days[totals.key(row)].items():
            assert getattr(row, name) == value, (row, name)
    return set(expected)


@pytest.mark.parametrize("seed", range(3))
def test_lists_and_totals_say_what_a_recount_of_all_orders_says(tmp_path: Path, seed: int) -> None:
    system, random = System(tmp_path, seed), Random(seed)  # noqa: S311 - a life to repeat
    seen: set[str] = set()
    for _ in range(ROUNDS):
        live(system, random)
        seen |= compare(system)
    assert seen == {*WORK_LISTS, "placed", "confirmed", "closed", "cancelled", "expired"}
    system.close()
    assert not system.failed


def test_several_events_of_one_order_cost_one_projection(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions: list[int] = []

    def noting(order: Order, before: Counted | None) -> Counted:
        versions.append(order.version)
        return counted(order, before)

    monkeypatch.setattr("agents.project_orders.counted", noting)
    system.ask(CONTRACT, "order-commands", "o-1", *BOUGHT)
    system.run()
    assert versions == sorted(set(versions))
    assert len(versions) < versions[-1] == system.row(COUNTED_ORDERS, "o-1").version


def test_an_event_that_comes_again_counts_once(system: System) -> None:
    placed = pay.AuthorizePayment(payment_id="p-1", amount=4490, provider="till")
    system.ask(CONTRACT, "order-commands", "o-1", BOUGHT[0], placed)
    system.run()
    before = system.rows(DAILY_TOTALS), system.rows(ORDER_LISTS), system.rows(COUNTED_ORDERS)
    for record in list(system.topics["order-events"]):
        system._append(record.topic, record.partition, record.key, record.value, record.headers)
    system.run()
    assert (system.rows(DAILY_TOTALS), system.rows(ORDER_LISTS), system.rows(COUNTED_ORDERS)) == before


def test_a_list_begins_where_its_first_row_is_and_not_where_the_first_of_all_was(system: System) -> None:
    def place(number: int, days: int) -> None:
        placed = replace(BOUGHT[0], placed_at=NOON + timedelta(days=days))
        system.ask(CONTRACT, "order-commands", f"o-{number}", placed)
        system.run()

    def head(order_id: str) -> bytes:
        found = system.row(ORDER_LIST_HEADS, order_id, worklists.prefix("placed"))
        assert isinstance(found, Head)
        return found.first

    same = [n for n in range(100) if partition_of(f"o-{n}".encode(), PARTITIONS) == 0]
    for day, number in enumerate(same[:6]):
        place(number, day)
    for number in same[:4]:
        system.wait(minutes=1)
        system.ask(CONTRACT, "order-commands", f"o-{number}", order.CancelOrder())
        system.run()
    rows = system.rows(ORDER_LISTS, worklists.prefix("placed"))
    assert [row.order_id for row in rows] == [f"o-{number}" for number in same[4:6]]
    later = worklists.prefix("placed") + sortable(NOON + timedelta(days=3))
    assert later <= head(f"o-{same[0]}") <= worklists.key(rows[0]), "it passed the four that left"
    place(same[6], -1)
    assert head(f"o-{same[0]}") == worklists.key(system.rows(ORDER_LISTS, worklists.prefix("placed"))[0])
