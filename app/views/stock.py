"""What readers see of stock: how much of a SKU is there, by warehouse, and which orders hold or wait for units.

Two kinds of rows. `Availability` lies with its SKU (key: SKU, NUL, warehouse), `OpenReservation` with its order (key:
order, NUL, item, NUL, line), so that an audit can compare an order with what is held for it. Sums over either agree
with the item, because both come from the same change.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

from app.domain.stock import names
from app.domain.stock.state import Entry, Reservation, Stock, StockItem
from app.domain.stock.statuses import ReservationStatus, StockStatus, reservation_status, stock_status


class Availability(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One SKU in one warehouse. `free` is what the next order can have: below 0, orders wait for more."""

    sku: str
    warehouse: str = ""
    on_hand: int = 0
    reserved: int = 0
    backordered: int = 0
    available: int = 0
    free: int = 0
    open_reservations: int = 0
    status: StockStatus = StockStatus.IN_STOCK


class OpenReservation(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What an order holds or waits for of one item, for one of its lines."""

    order_id: str
    item_id: str
    line_id: str
    quantity: int
    reserved: int = 0
    backordered: int = 0
    shipped: int = 0
    placed_at: datetime
    status: ReservationStatus = ReservationStatus.HELD


encode_row: Final = msgspec.json.Encoder().encode
decode_availability: Final = msgspec.json.Decoder(Availability).decode
decode_reservation: Final = msgspec.json.Decoder(OpenReservation).decode

Change = tuple[bytes, OpenReservation | None]  # key and row; None: the row goes


def availability(item: StockItem) -> Availability:
    """Return what is seen of an item. An item id without a warehouse is a SKU."""
    sku, at, warehouse = item.item_id.rpartition("@")
    return Availability(
        sku=sku if at else warehouse,
        warehouse=warehouse if at else "",
        on_hand=item.on_hand,
        reserved=item.reserved,
        backordered=item.backordered,
        available=item.available,
        free=item.free,
        open_reservations=item.open,
        status=stock_status(item),
    )


def changed_availability(before: StockItem | None, after: StockItem) -> Availability | None:
    """Return the row, if a reader would see a difference."""
    now = availability(after)
    return None if before is not None and availability(before) == now else now


def availability_key(row: Availability) -> bytes:
    """Return SKU, NUL, warehouse: the warehouses of a SKU lie together."""
    return f"{row.sku}\0{row.warehouse}".encode()


def availability_prefix(sku: str) -> bytes:
    """Return what the keys of a SKU's rows begin with. No id holds a NUL, so no other SKU's do."""
    return sku.encode() + b"\0"


def open_reservation(item_id: str, entry: Entry | None) -> OpenReservation | None:
    """Return what is seen of an entry: of those that are not open reservations, nothing."""
    if not isinstance(entry, Reservation):
        return None
    return OpenReservation(
        order_id=entry.order_id,
        item_id=item_id,
        line_id=entry.line_id,
        quantity=entry.quantity,
        reserved=entry.reserved,
        backordered=entry.backordered,
        shipped=entry.shipped,
        placed_at=entry.placed_at,
        status=reservation_status(entry),
    )


def changed_reservations(item_id: str, after: Stock) -> Iterator[Change]:
    """Return the changes that a reader would see; to move in the queue is none. See `order_of`."""
    for name, entry in after.changed.items():
        if name.startswith(names.OPEN):
            now = open_reservation(item_id, entry)
            if now != open_reservation(item_id, after.was.get(name)):
                _, order_id, line_id = name.split("\0")
                yield reservation_key(order_id, item_id, line_id), now


def reservation_key(order_id: str, item_id: str, line_id: str) -> bytes:
    """Return order, item and line: the reservations of an order lie together."""
    return f"{order_id}\0{item_id}\0{line_id}".encode()


def order_of(key: bytes) -> bytes:
    """Return the order of a reservation's key: its row belongs on that order's partition."""
    return key.partition(b"\0")[0]
