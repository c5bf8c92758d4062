"""What an order counts for follows from its row: its units, its money, whether something holds it up."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given as for_any
from hypothesis import settings
from msgspec.structs import replace

from app.domain.order import commands as order
from app.domain.order.commands import PlaceOrder, Units, UnitsToCancel
from app.domain.order.events import OrderPlaced
from app.domain.order.evolver import fold
from app.domain.order.owed import owed
from app.domain.payment import commands as pay
from app.domain.payment.balance import balance
from app.views import totals
from app.views.counted import Counted, counted, decode_row, encode_row, work_of
from app.views.worklists import rows
from tests.domain.scenario import NOON, after, line, placed
from tests.domain.test_histories import orders

PLACED = placed(line("a", 3, 1000), line("b", 2, 500))  # 4000
PAID = (
    pay.AuthorizePayment(payment_id="p-1", amount=4000, provider="till"),
    pay.RecordPaymentAuthorized(payment_id="p-1", amount=4000),
)
RESERVED = (
    order.RecordReservation(line_id="a", reserved=2, backordered=1, revision=4),
    order.RecordReservation(line_id="b", reserved=2, revision=7),
)
CONFIRM = order.ConfirmOrder(at=NOON)
SHIP = order.ShipOrder(shipment_id="s-1", lines=(Units(line_id="a", quantity=2),), at=NOON)
HOLD = order.HoldOrder(code="fraud", at=NOON)
CLOSE = order.CloseOrder(at=NOON, reason="paid in cash")
CANCEL_A = order.CancelLines(lines=(UnitsToCancel(line_id="a", quantity=2),))
SHIP_ALL = order.ShipOrder(
    shipment_id="s-1",
    lines=(Units(line_id="a", quantity=3), Units(line_id="b", quantity=2)),
    reason="over the counter",
    at=NOON,
)


@pytest.mark.parametrize(
    ("asked", "lists"),
    [
        ((), {"placed": (4000, 0), "awaiting-payment": (4000, 0)}),
        (
            RESERVED,
            {"placed": (4000, 0), "awaiting-stock": (4000, 1), "awaiting-payment": (4000, 0)},
        ),
        (
            (*PAID, *RESERVED, CONFIRM),
            {"confirmed": (4000, 0), "awaiting-stock": (4000, 1), "to-ship": (4000, 4)},
        ),
        ((*PAID, *RESERVED, CONFIRM, HOLD), {"confirmed": (4000, 0), "awaiting-stock": (4000, 1)}),
        (
            (*PAID, *RESERVED, CONFIRM, SHIP),
            {"confirmed": (4000, 0), "awaiting-stock": (4000, 1), "to-ship": (4000, 2)},
        ),
        (  # the stock still holds two of them, of which one is wanted, and nothing is waited for
            (*PAID, *RESERVED, CONFIRM, CANCEL_A),
            {"confirmed": (4000, 0), "to-ship": (4000, 3)},
        ),
        ((*PAID, *RESERVED, order.CancelOrder()), {"cancelled": (4000, 0)}),
        ((order.ExpireOrder(at=NOON),), {"expired": (4000, 0)}),
        ((SHIP_ALL, CLOSE), {"closed": (4000, 0)}),  # nobody waits for what was paid in cash
    ],
)
def test_an_order_is_in_the_lists_that_its_row_says(
    asked: tuple[order.OrderCommand, ...], lists: dict[str, tuple[int, int]]
) -> None:
    work = counted(after(PLACED, *asked)).work
    assert {row.list: (row.amount, row.units) for row in rows(work)} == lists


def test_an_order_that_expired_counts_as_cancelled_in_the_totals() -> None:
    now = counted(after(PLACED, order.ExpireOrder(at=NOON))).totals
    assert (now.orders, now.cancelled_orders, now.ordered, now.cancelled) == (1, 1, 4000, 4000)


def test_an_order_stays_on_the_day_on_which_it_was_counted_first() -> None:
    first = counted(after(PLACED))
    elsewhere = Counted(
        version=1, work=first.work, totals=replace(first.totals, zone="Europe/Kyiv", day=date(2026, 2, 28))
    )
    now = counted(after(PLACED, HOLD), elsewhere)
    assert (now.version, now.totals) == (2, elsewhere.totals)
    assert decode_row(encode_row(now)) == now


@settings(deadline=None, max_examples=100)
@for_any(orders())
def test_an_order_that_was_only_placed_counts_for_what_its_lines_and_shipping_cost(
    command: PlaceOrder,
) -> None:
    new = fold("o-1", [OrderPlaced(facts=command)])
    assert new is not None
    now = balance(owed(new), new.payments)
    assert counted(new) == Counted(version=1, work=work_of(new, now), totals=totals.of(new, now))
