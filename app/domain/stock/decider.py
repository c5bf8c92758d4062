"""The rules of stock. What is available is never below nothing, and nobody overtakes those who wait."""

from collections.abc import Callable
from typing import Any, Final

from app.domain.bounds import AMOUNT_LIMIT
from app.domain.refused import Code, Refused
from app.domain.stock import names
from app.domain.stock.allotting import with_allotments
from app.domain.stock.commands import (
    AdjustStock,
    AllotBackorders,
    CommitStock,
    ReceiveStock,
    ReleaseStock,
    ReserveStock,
    RestockStock,
    StockCommand,
    WriteOffStock,
)
from app.domain.stock.events import (
    StockAdjusted,
    StockBackordered,
    StockEvent,
    StockReceived,
    StockReleased,
    StockReserved,
    StockRestocked,
    StockShipped,
    StockWrittenOff,
)
from app.domain.stock.state import (
    SHIPMENTS_LIMIT,
    Movement,
    Reservation,
    Settled,
    Stock,
    StockItem,
    Withdrawn,
)

Facts = tuple[StockEvent, ...]
NOTHING: Final = StockItem(item_id="", version=0)


def decide(stock: Stock, command: StockCommand) -> Facts:
    """Return what happens. `()`: it already has. Raises `Refused`: it never will."""
    return DECIDE[type(command)](stock, command)


def _receive(stock: Stock, command: ReceiveStock) -> Facts:
    if _moved_before(stock, names.receipt(command.receipt_id), command.quantity):
        return ()
    _require_room(stock, command.quantity)
    event = StockReceived(receipt_id=command.receipt_id, quantity=command.quantity, at=command.at)
    return with_allotments(stock, event)


def _adjust(stock: Stock, command: AdjustStock) -> Facts:
    change = command.change
    if not change or _moved_before(stock, names.adjustment(command.adjustment_id), change):
        return ()
    _require_room(stock, change)
    _require_available(stock, -change)
    event = StockAdjusted(
        adjustment_id=command.adjustment_id, change=change, reason=command.reason, at=command.at
    )
    return with_allotments(stock, event)


def _restock(stock: Stock, command: RestockStock) -> Facts:
    name = names.restock(command.return_id, command.receipt_id, command.line_id)
    if _moved_before(stock, name, command.quantity):
        return ()
    _require_room(stock, command.quantity)
    event = StockRestocked(
        return_id=command.return_id,
        receipt_id=command.receipt_id,
        line_id=command.line_id,
        quantity=command.quantity,
        at=command.at,
    )
    return with_allotments(stock, event)


def _write_off(stock: Stock, command: WriteOffStock) -> Facts:
    if _moved_before(stock, names.write_off(command.write_off_id), -command.quantity):
        return ()
    _require_available(stock, command.quantity)
    return (
        StockWrittenOff(
            write_off_id=command.write_off_id,
            quantity=command.quantity,
            reason=command.reason,
            at=command.at,
        ),
    )


def _reserve(stock: Stock, command: ReserveStock) -> Facts:
    order_id, line_id, quantity = command.order_id, command.line_id, command.quantity
    entry = _entry(stock, order_id, line_id)
    released = 0
    if entry is not None:
        if not isinstance(entry, Withdrawn):
            _require_same(entry.quantity, quantity, f"reservation of line {line_id} of order {order_id}")
            return ()
        if not entry.keep:
            raise Refused(
                Code.RESERVATION_RELEASED, f"line {line_id} of order {order_id} was released before"
            )
        released = max(0, quantity - entry.keep)
    item = stock.item or NOTHING
    wanted, free = quantity - released, item.free
    if wanted <= free:
        return (
            StockReserved(
                order_id=order_id,
                line_id=line_id,
                quantity=quantity,
                released=released,
                placed_at=command.placed_at,
            ),
        )
    if not command.backorder:
        raise Refused(Code.OUT_OF_STOCK, f"{wanted} wanted, {max(0, free)} free")
    if item.backordered + wanted >= AMOUNT_LIMIT:
        raise Refused(Code.STOCK_TOO_LARGE, f"{item.backordered} units are waited for already")
    return (
        StockBackordered(
            order_id=order_id,
            line_id=line_id,
            quantity=quantity,
            released=released,
            reserved=max(0, free),
            placed_at=command.placed_at,
        ),
    )


def _release(stock: Stock, command: ReleaseStock) -> Facts:
    """Units that were waited for go first: what is held is worth more to the line."""
    entry = _entry(stock, command.order_id, command.line_id)
    backordered = reserved = 0
    if isinstance(entry, Settled):
        return ()
    if isinstance(entry, Withdrawn):
        if entry.keep <= command.keep:
            return ()
    elif entry is not None:
        spare = entry.quantity - command.keep - entry.released
        backordered = max(0, min(spare, entry.backordered))
        reserved = max(0, min(spare - backordered, entry.reserved))
        if not backordered and not reserved:
            return ()
    event = StockReleased(
        order_id=command.order_id,
        line_id=command.line_id,
        keep=command.keep,
        reserved=reserved,
        backordered=backordered,
        reason=command.reason,
        at=command.at,
    )
    return with_allotments(stock, event)


def _commit(stock: Stock, command: CommitStock) -> Facts:
    order_id, line_id, quantity = command.order_id, command.line_id, command.quantity
    entry = _entry(stock, order_id, line_id)
    if entry is None or isinstance(entry, Withdrawn):
        raise Refused(
            Code.RESERVATION_UNKNOWN, f"nothing was reserved for line {line_id} of order {order_id}"
        )
    for shipment in entry.shipments:
        if shipment.shipment_id == command.shipment_id:
            if shipment.quantity != quantity:
                raise Refused(
                    Code.SHIPMENT_ID_REUSED,
                    f"{shipment.quantity} units left with shipment {command.shipment_id}, not {quantity}",
                )
            return ()
    if len(entry.shipments) >= SHIPMENTS_LIMIT:
        raise Refused(Code.SHIPMENTS_TOO_MANY, f"a reservation leaves in at most {SHIPMENTS_LIMIT} shipments")
    held = entry.reserved if isinstance(entry, Reservation) else 0
    forced = max(0, quantity - held)
    if forced:
        if not command.reason:
            raise Refused(
                Code.QUANTITY_EXCEEDS_RESERVED, f"{quantity} to ship, {held} held; more needs a reason"
            )
        _require_available(stock, forced)
    return (
        StockShipped(
            order_id=order_id,
            line_id=line_id,
            shipment_id=command.shipment_id,
            quantity=quantity,
            forced=forced,
            reason=command.reason,
            at=command.at,
        ),
    )


def _allot(stock: Stock, _command: AllotBackorders) -> Facts:
    return with_allotments(stock)


# A table, not a `match`: a match on Structs costs 0.1 us for each case that it passes.
DECIDE: dict[type, Callable[[Stock, Any], Facts]] = {
    ReceiveStock: _receive,
    AdjustStock: _adjust,
    ReserveStock: _reserve,
    ReleaseStock: _release,
    CommitStock: _commit,
    RestockStock: _restock,
    WriteOffStock: _write_off,
    AllotBackorders: _allot,
}


def _entry(stock: Stock, order_id: str, line_id: str) -> Reservation | Settled | Withdrawn | None:
    """Return what is known of a reservation."""
    entry = stock.get(names.reservation(order_id, line_id))
    if entry is None:
        entry = stock.get(names.memory_of(order_id, line_id))
    return entry  # type: ignore[return-value] # no other entries have these names


def _moved_before(stock: Stock, name: str, change: int) -> bool:
    entry = stock.get(name)
    if not isinstance(entry, Movement):
        return False
    if entry.change != change:
        said = name.replace("\0", " ")
        raise Refused(Code.MOVEMENT_ID_REUSED, f"{said} changed the stock by {entry.change}, not {change}")
    return True


def _require_same(before: int, now: int, what: str) -> None:
    if before != now:
        raise Refused(Code.RESERVATION_ID_REUSED, f"the {what} was for {before} units, not {now}")


def _require_room(stock: Stock, change: int) -> None:
    on_hand = (stock.item or NOTHING).on_hand
    if on_hand + change >= AMOUNT_LIMIT:
        raise Refused(Code.STOCK_TOO_LARGE, f"{on_hand} units are there, and {change} more are too many")


def _require_available(stock: Stock, quantity: int) -> None:
    item = stock.item or NOTHING
    if quantity > item.available:
        raise Refused(
            Code.STOCK_IS_RESERVED,
            f"{quantity} units to go; of {item.on_hand} on hand, {item.reserved} are held for orders",
        )
