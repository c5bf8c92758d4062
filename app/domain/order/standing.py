"""Rules of an order as a whole: is it known, does it stand, is it held; confirm, hold, release, close, note."""

from typing import Final

import msgspec
from msgspec.structs import asdict, replace

from app.domain.order import commands, events
from app.domain.order.owed import owed, uncovered
from app.domain.order.state import ENTRIES_LIMIT, ROW_LIMIT, Order
from app.domain.order.statuses import OrderStatus, order_status
from app.domain.payment.settlement import awaited, to_refund
from app.domain.refused import Code, Refused

_encode: Final = msgspec.json.Encoder().encode


def known(order: Order | None) -> Order:
    """Return the order. Raises `Refused` if it was never placed."""
    if order is None:
        raise Refused(Code.ORDER_UNKNOWN, "no order with this id was placed")
    return order


def standing(order: Order | None) -> Order:
    """Return an order in which something can still be decided. Raises `Refused` if it has ended or is closed."""
    order = known(order)
    status = order_status(order)
    if status is OrderStatus.CANCELLED:
        raise Refused(Code.ORDER_ALREADY_CANCELLED, f"no unit is left since version {order.version}")
    if status is OrderStatus.EXPIRED:
        raise Refused(Code.ORDER_EXPIRED, "the order was given up")
    if status is OrderStatus.CLOSED:
        raise Refused(Code.ORDER_CLOSED, "nothing more was to be done")
    return order


def unheld(order: Order | None) -> Order:
    """Return a standing order that nothing holds up. Raises `Refused` otherwise."""
    order = standing(order)
    if order.holds:
        raise Refused(Code.ORDER_HELD, f"held for {', '.join([hold.code for hold in order.holds])}")
    return order


def room_for_one_more(entries: tuple[object, ...], what: str) -> None:
    """Refuse more entries than there may be."""
    if len(entries) >= ENTRIES_LIMIT:
        raise Refused(Code.ORDER_TOO_LARGE, f"an order has at most {ENTRIES_LIMIT} {what}")


def require_room(after: Order) -> None:
    """Refuse a row that is too large: an order to which no fact can be added any more is worse."""
    size = len(_encode(after))
    if size > ROW_LIMIT:
        raise Refused(Code.ORDER_TOO_LARGE, f"its row would have {size} bytes, {ROW_LIMIT} at most")


def confirm(order: Order | None, command: commands.ConfirmOrder) -> tuple[events.OrderEvent, ...]:
    if order is not None and order_status(order) is OrderStatus.CONFIRMED:
        return ()
    unheld(order)
    return (events.OrderConfirmed(at=command.at, reason=command.reason),)


def hold(order: Order | None, command: commands.HoldOrder) -> tuple[events.OrderEvent, ...]:
    order = standing(order)
    if any(each.code == command.code for each in order.holds):
        return ()
    now = events.OrderHeld(code=command.code, reason=command.reason, at=command.at)
    room_for_one_more(order.holds, "reasons to hold it")
    require_room(held(order, now, order.order_id))
    return (now,)


def release(order: Order | None, command: commands.ReleaseOrder) -> tuple[events.OrderEvent, ...]:
    order = known(order)
    if all(each.code != command.code for each in order.holds):
        return ()
    return (events.OrderReleased(code=command.code, reason=command.reason, at=command.at),)


def close(order: Order | None, command: commands.CloseOrder) -> tuple[events.OrderEvent, ...]:
    """Close an order in which nothing is left to do. With a reason, although it is not paid."""
    if order is not None and order.closed:
        return ()
    order = unheld(order)
    left = _left_to_do(order)
    if not left and not command.reason and uncovered(order, kept_only=True):
        left = f"{uncovered(order, kept_only=True)} to be paid"
    if left:
        raise Refused(Code.ORDER_OPEN, f"there is still {left}")
    return (events.OrderClosed(at=command.at, reason=command.reason),)


def change_address(
    order: Order | None, command: commands.ChangeShippingAddress
) -> tuple[events.OrderEvent, ...]:
    order = standing(order)
    if order.facts.shipping_address == command.address:
        return ()
    if not unshipped(order):
        raise Refused(Code.ORDER_SHIPPED, "every unit has left")
    return (events.ShippingAddressChanged(address=command.address),)


def add_note(order: Order | None, command: commands.AddNote) -> tuple[events.OrderEvent, ...]:
    order = known(order)
    note = events.NoteAdded(**asdict(command))
    for each in order.notes:
        if each == note:
            return ()
        if each.note_id == note.note_id:
            raise Refused(Code.NOTE_ID_REUSED, f"note {note.note_id} has another text")
    room_for_one_more(order.notes, "notes")
    require_room(noted(order, note, order.order_id))
    return (note,)


def unshipped(order: Order) -> int:
    """Return how many units are still to leave."""
    ordered = sum([line.quantity for line in order.facts.lines]) - sum(order.cancelled)
    return ordered - sum([units.shipped for units in order.units])


def _left_to_do(order: Order) -> str:
    """Return the first thing that is left to do, in words. Whether it is paid is another question."""
    if unshipped(order):
        return f"{unshipped(order)} units to ship"
    awaiting = sum([units.advised - units.returned for units in order.units])
    if awaiting:
        return f"{awaiting} units to come back"
    if any(each.open for each in order.amendments):
        return "an amendment to answer"
    waiting = awaited(order.payments)
    if waiting:
        return f"a {waiting[0].movement} without an answer"
    if to_refund(owed(order), order.payments):
        return "money to pay back"
    return ""


def confirmed(order: Order, _event: events.OrderConfirmed, _order_id: str) -> Order:
    return replace(order, version=order.version + 1, confirmed=True)


def held(order: Order, event: events.OrderHeld, _order_id: str) -> Order:
    return replace(order, version=order.version + 1, holds=(*order.holds, event))


def released(order: Order, event: events.OrderReleased, _order_id: str) -> Order:
    holds = tuple([each for each in order.holds if each.code != event.code])
    return replace(order, version=order.version + 1, holds=holds)


def closed(order: Order, _event: events.OrderClosed, _order_id: str) -> Order:
    return replace(order, version=order.version + 1, closed=True)


def address_changed(order: Order, event: events.ShippingAddressChanged, _order_id: str) -> Order:
    facts = replace(order.facts, shipping_address=event.address)
    return replace(order, version=order.version + 1, facts=facts)


def noted(order: Order, event: events.NoteAdded, _order_id: str) -> Order:
    return replace(order, version=order.version + 1, notes=(*order.notes, event))
