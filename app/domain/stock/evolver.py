"""How a stock item and its entries change by what happened. Never refuses: a fact is a fact."""

from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import replace

from app.domain.stock import names, queue
from app.domain.stock.draft import Draft
from app.domain.stock.events import (
    BackorderAllotted,
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
from app.domain.stock.memory import remember
from app.domain.stock.state import Movement, Reservation, Settled, Shipment, Stock, StockItem, Withdrawn


def evolve(stock: Stock, event: StockEvent, item_id: str) -> Stock:
    """Return the stock after `event`, one version later. Its `changed` entries are what must be written."""
    item = stock.item or StockItem(item_id=item_id, version=0)
    draft = Draft(stock)
    item = EVOLVE[type(event)](draft, item, event)
    return Stock(item=item, stored=stock.stored, changed=draft.changed, was=draft.was)


def fold(item_id: str, events: Iterable[StockEvent], stock: Stock) -> Stock:
    """Return the stock after `events`, starting from `stock`."""
    for event in events:
        stock = evolve(stock, event, item_id)
    return stock


def _received(draft: Draft, item: StockItem, event: StockReceived) -> StockItem:
    return _moved(draft, item, names.receipt(event.receipt_id), event.quantity, event)


def _adjusted(draft: Draft, item: StockItem, event: StockAdjusted) -> StockItem:
    return _moved(draft, item, names.adjustment(event.adjustment_id), event.change, event)


def _restocked(draft: Draft, item: StockItem, event: StockRestocked) -> StockItem:
    name = names.restock(event.return_id, event.receipt_id, event.line_id)
    return _moved(draft, item, name, event.quantity, event)


def _written_off(draft: Draft, item: StockItem, event: StockWrittenOff) -> StockItem:
    return _moved(draft, item, names.write_off(event.write_off_id), -event.quantity, event)


def _moved(
    draft: Draft,
    item: StockItem,
    name: str,
    change: int,
    event: StockReceived | StockAdjusted | StockRestocked | StockWrittenOff,
) -> StockItem:
    draft.put(name, Movement(change=change, number=item.newest))
    oldest, newest = remember(draft, item, name, event.at)
    return replace(
        item, version=item.version + 1, on_hand=item.on_hand + change, oldest=oldest, newest=newest
    )


def _opened(event: StockReserved | StockBackordered, version: int, backordered: int = 0) -> Reservation:
    return Reservation(
        order_id=event.order_id,
        line_id=event.line_id,
        quantity=event.quantity,
        placed_at=event.placed_at,
        arrived=version,
        reserved=event.reserved,
        backordered=backordered,
        released=event.released,
    )


def _reserved(draft: Draft, item: StockItem, event: StockReserved) -> StockItem:
    version = item.version + 1
    draft.put(names.reservation(event.order_id, event.line_id), _opened(event, version))
    return replace(item, version=version, reserved=item.reserved + event.reserved, open=item.open + 1)


def _backordered(draft: Draft, item: StockItem, event: StockBackordered) -> StockItem:
    version, name = item.version + 1, names.reservation(event.order_id, event.line_id)
    draft.put(name, _opened(event, version, event.backordered))
    return replace(
        item,
        version=version,
        reserved=item.reserved + event.reserved,
        backordered=item.backordered + event.backordered,
        open=item.open + 1,
        first=queue.join(draft, item.first, name),
    )


def _allotted(draft: Draft, item: StockItem, event: BackorderAllotted) -> StockItem:
    name = names.reservation(event.order_id, event.line_id)
    reservation = draft.reservation(name)
    first = item.first
    if not event.waiting:
        first = queue.leave(draft, first, name)
        reservation = draft.reservation(name)
    draft.put(
        name,
        replace(reservation, reserved=reservation.reserved + event.quantity, backordered=event.waiting),
    )
    return replace(
        item,
        version=item.version + 1,
        reserved=item.reserved + event.quantity,
        backordered=item.backordered - event.quantity,
        first=first,
    )


def _released(draft: Draft, item: StockItem, event: StockReleased) -> StockItem:
    if not event.reserved and not event.backordered:
        return _withdrawn(draft, item, event)
    return _less(
        draft,
        replace(
            item, reserved=item.reserved - event.reserved, backordered=item.backordered - event.backordered
        ),
        event,
        reserved=event.reserved,
        backordered=event.backordered,
        released=event.reserved + event.backordered,
    )


def _withdrawn(draft: Draft, item: StockItem, event: StockReleased) -> StockItem:
    name = names.memory_of(event.order_id, event.line_id)
    before = draft.get(name)
    if isinstance(before, Withdrawn):
        draft.put(name, replace(before, keep=event.keep))
        return replace(item, version=item.version + 1)
    draft.put(name, Withdrawn(keep=event.keep, number=item.newest))
    oldest, newest = remember(draft, item, name, event.at)
    return replace(item, version=item.version + 1, oldest=oldest, newest=newest)


def _shipped(draft: Draft, item: StockItem, event: StockShipped) -> StockItem:
    held = event.quantity - event.forced
    item = replace(item, on_hand=item.on_hand - event.quantity, reserved=item.reserved - held)
    shipment = Shipment(shipment_id=event.shipment_id, quantity=event.quantity)
    entry = draft.get(names.reservation(event.order_id, event.line_id))
    if isinstance(entry, Reservation):
        covered = min(entry.backordered, event.forced)  # what was forced was waited for, if anything was
        item = replace(item, backordered=item.backordered - covered)
        return _less(
            draft, item, event, reserved=held, backordered=covered, shipped=event.quantity, shipment=shipment
        )
    past = names.memory_of(event.order_id, event.line_id)
    settled = draft.get(past)
    assert isinstance(settled, Settled)  # noqa: S101 - else rows and events differ: a bug
    shipped = settled.shipped + event.quantity
    draft.put(past, replace(settled, shipped=shipped, shipments=(*settled.shipments, shipment)))
    return replace(item, version=item.version + 1)


def _less(
    draft: Draft,
    item: StockItem,
    event: StockReleased | StockShipped,
    *,
    reserved: int,
    backordered: int,
    released: int = 0,
    shipped: int = 0,
    shipment: Shipment | None = None,
) -> StockItem:
    """Take units from an open reservation. When it has none left, it is remembered only."""
    name = names.reservation(event.order_id, event.line_id)
    before = draft.reservation(name)
    after = replace(
        before,
        reserved=before.reserved - reserved,
        backordered=before.backordered - backordered,
        released=before.released + released,
        shipped=before.shipped + shipped,
        shipments=before.shipments if shipment is None else (*before.shipments, shipment),
    )
    draft.put(name, after)
    first = item.first
    if before.backordered and not after.backordered:
        first = queue.leave(draft, first, name)
    if after.reserved or after.backordered:
        return replace(item, version=item.version + 1, first=first)
    draft.delete(name)
    past = names.memory_of(event.order_id, event.line_id)
    draft.put(
        past,
        Settled(
            quantity=after.quantity,
            shipped=after.shipped,
            released=after.released,
            shipments=after.shipments,
            number=item.newest,
        ),
    )
    oldest, newest = remember(draft, item, past, event.at)
    return replace(
        item, version=item.version + 1, first=first, open=item.open - 1, oldest=oldest, newest=newest
    )


EVOLVE: dict[type, Callable[[Draft, StockItem, Any], StockItem]] = {
    StockReceived: _received,
    StockAdjusted: _adjusted,
    StockReserved: _reserved,
    StockBackordered: _backordered,
    BackorderAllotted: _allotted,
    StockReleased: _released,
    StockShipped: _shipped,
    StockRestocked: _restocked,
    StockWrittenOff: _written_off,
}
