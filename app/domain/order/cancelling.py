"""Rules of giving up: units, what is left of an order, an order that nobody paid for in time.

Units that have left are not cancelled: they can come back as a return.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from app.domain.money import of_units
from app.domain.order.commands import CancelLines, CancelOrder, ExpireOrder, Line
from app.domain.order.events import (
    OrderCancelled,
    OrderEvent,
    OrderExpired,
    OrderLinesCancelled,
    UnitsCancelled,
)
from app.domain.order.owed import uncovered
from app.domain.order.placing import require_distinct
from app.domain.order.standing import standing
from app.domain.order.state import Order
from app.domain.payment.state import EMPTY
from app.domain.refused import Code, Refused


def cancel_lines(order: Order | None, command: CancelLines) -> tuple[OrderLinesCancelled]:
    order = standing(order)
    wanted = {line.line_id: line.quantity for line in command.lines}
    if len(wanted) < len(command.lines):
        require_distinct([line.line_id for line in command.lines])
    taken, left = take(order, wanted)
    shipping = 0 if left else shipping_of(order)
    amount = shipping + sum([units.amount for units in taken])
    return (OrderLinesCancelled(lines=taken, shipping=shipping, amount=amount, reason=command.reason),)


def cancel_order(order: Order | None, command: CancelOrder) -> tuple[OrderCancelled]:
    lines, shipping, amount = _all_that_is_left(standing(order))
    return (OrderCancelled(lines=lines, shipping=shipping, amount=amount, reason=command.reason),)


def expire(order: Order | None, command: ExpireOrder) -> tuple[OrderEvent, ...]:
    if order is not None and order.expired:
        return ()
    order = standing(order)
    if order.confirmed:
        raise Refused(Code.ORDER_CONFIRMED, "the order was taken on")
    if order.payments != EMPTY and not uncovered(order):
        raise Refused(Code.ORDER_PAID, "all that the order costs is authorised or paid")
    lines, shipping, amount = _all_that_is_left(order)
    return (
        OrderExpired(lines=lines, shipping=shipping, amount=amount, at=command.at, reason=command.reason),
    )


def take(order: Order, wanted: Mapping[str, int]) -> tuple[tuple[UnitsCancelled, ...], int]:
    """Return units of lines with what they are worth, and how many units the order then has left."""
    missing = dict(wanted)
    taken, left = [], 0
    for line, before, units in zip(order.facts.lines, order.all_cancelled, order.all_units, strict=True):
        quantity = missing.pop(line.line_id, 0)
        rest = line.quantity - before - quantity
        left += rest
        if not quantity:
            continue
        if rest < 0:
            raise Refused(
                Code.QUANTITY_EXCEEDS_ORDERED,
                f"line {line.line_id}: {quantity} to cancel, {line.quantity - before} left",
            )
        if rest < units.shipped:
            raise Refused(Code.ORDER_SHIPPED, f"line {line.line_id}: {units.shipped} units have left")
        taken.append(_worth(line, before, quantity))
    if missing:
        raise Refused(Code.LINE_UNKNOWN, f"no line {', '.join(missing)} in this order")
    return tuple(taken), left


def shipping_of(order: Order) -> int:
    """Return what the shipping of an order costs."""
    total = 0
    for charge in order.facts.shipping:
        total += charge.total
    return total


def _all_that_is_left(order: Order) -> tuple[tuple[UnitsCancelled, ...], int, int]:
    """Return lines, shipping and their sum."""
    shipped = sum([units.shipped for units in order.units])
    if shipped:
        raise Refused(Code.ORDER_SHIPPED, f"{shipped} units have left: cancel others by their lines")
    taken = tuple(
        [
            _worth(line, before, line.quantity - before)
            for line, before in zip(order.facts.lines, order.all_cancelled, strict=True)
            if before < line.quantity
        ]
    )
    shipping = shipping_of(order)
    return taken, shipping, shipping + sum([units.amount for units in taken])


def _worth(line: Line, before: int, quantity: int) -> UnitsCancelled:
    amount = line.line_total
    if quantity < line.quantity:
        amount = of_units(line.line_total, line.quantity, before, quantity)
    return UnitsCancelled(line_id=line.line_id, quantity=quantity, amount=amount)


def lines_cancelled(order: Order, event: OrderLinesCancelled, _order_id: str) -> Order:
    return replace(
        order,
        version=order.version + 1,
        cancelled=without(order, event.lines),
        cancelled_amount=order.cancelled_amount + event.amount,
    )


def cancelled(order: Order, event: OrderCancelled | OrderExpired, _order_id: str) -> Order:
    return replace(
        order,
        version=order.version + 1,
        cancelled=tuple([line.quantity for line in order.facts.lines]),
        cancelled_amount=order.cancelled_amount + event.amount,
        holds=(),
    )


def expired(order: Order, event: OrderExpired, order_id: str) -> Order:
    return replace(cancelled(order, event, order_id), expired=True)


def without(order: Order, lines: tuple[UnitsCancelled, ...]) -> tuple[int, ...]:
    """Return the cancelled units of every line, these included."""
    taken = {line.line_id: line.quantity for line in lines}
    return tuple(
        [
            cancelled + taken.get(line.line_id, 0)
            for line, cancelled in zip(order.facts.lines, order.all_cancelled, strict=True)
        ]
    )
