"""What an order counts for, in the lists and in the totals of its day: everything here follows from its row.

What it counted for before is remembered beside it, so that a change is applied as a difference, and once.
"""

from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from app.domain.order.owed import owed
from app.domain.order.state import LineUnits, Order
from app.domain.order.statuses import OrderStatus, is_held, order_status
from app.domain.payment.balance import Balance, balance
from app.views import totals
from app.views.totals import Totals
from app.views.worklists import OrderWork, money

_OPEN: Final = (OrderStatus.PLACED, OrderStatus.CONFIRMED)


class Counted(Struct, frozen=True, kw_only=True, gc=False, array_like=True):
    """An order as it was counted: at which version, in which lists, and for what in the totals of its day."""

    version: int
    work: OrderWork
    totals: Totals


encode_row: Final = msgspec.json.Encoder().encode
decode_row: Final = msgspec.json.Decoder(Counted).decode


def counted(order: Order, before: Counted | None = None) -> Counted:
    """Return what an order counts for now.

    It stays on the day on which it was counted first, even if a new edition of the tz database says another.
    """
    if order.version == 1:
        return _placed(order)
    now = balance(owed(order), order.payments)
    day = totals.of(order, now)
    if before is not None:
        day = replace(day, zone=before.totals.zone, day=before.totals.day)
    return Counted(version=order.version, work=work_of(order, now), totals=day)


def work_of(order: Order, now: Balance) -> OrderWork:
    """Return what the lists must know of an order, with the balance of its ledger."""
    facts, status = order.facts, order_status(order)
    uncovered, to_refund = money(now)
    reserved, backordered = _units(order)
    return OrderWork(
        order_id=order.order_id,
        placed_at=facts.placed_at,
        status=status,
        currency=facts.currency,
        exponent=facts.exponent,
        total=facts.totals.total,
        stands=status in _OPEN,
        ready=status is OrderStatus.CONFIRMED and not is_held(order),
        reserved=reserved,
        backordered=backordered,
        uncovered=uncovered,
        to_refund=to_refund,
    )


def _placed(order: Order) -> Counted:
    """Return what an order counts for to which nothing has happened: most of them, when they are counted first."""
    facts = order.facts
    total = facts.totals.total
    work = OrderWork(
        order_id=order.order_id,
        placed_at=facts.placed_at,
        status=OrderStatus.PLACED,
        currency=facts.currency,
        exponent=facts.exponent,
        total=total,
        uncovered=total,
    )
    return Counted(version=1, work=work, totals=totals.of(order))


def _units(order: Order) -> tuple[int, int]:
    """Return the units that are held, and waited for, and did not leave: of those that the order still wants.

    The stock may hold more for a moment, until it knows that units were cancelled.
    """
    held = waiting = 0
    if not order.units:
        return 0, 0
    for line, cancelled, units in zip(order.facts.lines, order.all_cancelled, order.units, strict=True):
        left = line.quantity - cancelled - units.shipped
        here = max(0, min(_held(units), left))
        held += here
        waiting += max(0, min(units.backordered, left - here))
    return held, waiting


def _held(units: LineUnits) -> int:
    return units.reserved - units.shipped
