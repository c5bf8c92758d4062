"""Given what happened to an item, when a command comes, then this happens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from app.domain.refused import Refused
from app.domain.stock.commands import CommitStock, ReceiveStock, ReleaseStock, ReserveStock
from app.domain.stock.decider import decide
from app.domain.stock.events import (
    BackorderAllotted,
    StockBackordered,
    StockReceived,
    StockReleased,
    StockReserved,
    StockShipped,
)
from app.domain.stock.evolver import fold
from app.domain.stock.state import Stock, StockItem, stock

if TYPE_CHECKING:
    from app.domain.stock.commands import StockCommand
    from app.domain.stock.events import StockEvent
    from app.domain.stock.state import Entry

ITEM_ID = "sku-1@vienna"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EMPTY = stock(None, {})


def minutes(after_noon: int) -> datetime:
    return NOON + timedelta(minutes=after_noon)


def receive(quantity: int, receipt_id: str = "r-1", at: datetime = NOON) -> ReceiveStock:
    return ReceiveStock(receipt_id=receipt_id, quantity=quantity, at=at)


def received(quantity: int, receipt_id: str = "r-1", at: datetime = NOON) -> StockReceived:
    return StockReceived(receipt_id=receipt_id, quantity=quantity, at=at)


def reserve(
    order_id: str, quantity: int = 1, line_id: str = "1", placed: int = 0, *, backorder: bool = False
) -> ReserveStock:
    return ReserveStock(
        order_id=order_id,
        line_id=line_id,
        quantity=quantity,
        placed_at=minutes(placed),
        backorder=backorder,
    )


def reserved(
    order_id: str, quantity: int = 1, line_id: str = "1", placed: int = 0, released: int = 0
) -> StockReserved:
    return StockReserved(
        order_id=order_id,
        line_id=line_id,
        quantity=quantity,
        released=released,
        placed_at=minutes(placed),
    )


def backordered(order_id: str, quantity: int = 1, held: int = 0, placed: int = 0) -> StockBackordered:
    return StockBackordered(
        order_id=order_id, line_id="1", quantity=quantity, reserved=held, placed_at=minutes(placed)
    )


def allotted(order_id: str, quantity: int = 1, waiting: int = 0) -> BackorderAllotted:
    return BackorderAllotted(order_id=order_id, line_id="1", quantity=quantity, waiting=waiting)


def release(order_id: str, keep: int = 0, at: datetime = NOON) -> ReleaseStock:
    return ReleaseStock(order_id=order_id, line_id="1", keep=keep, at=at)


def released(
    order_id: str, held: int = 0, waiting: int = 0, keep: int = 0, at: datetime = NOON
) -> StockReleased:
    return StockReleased(order_id=order_id, line_id="1", keep=keep, reserved=held, backordered=waiting, at=at)


def ship(order_id: str, quantity: int = 1, shipment_id: str = "s-1", reason: str = "") -> CommitStock:
    return CommitStock(
        order_id=order_id,
        line_id="1",
        shipment_id=shipment_id,
        quantity=quantity,
        reason=reason,
        at=NOON,
    )


def shipped(
    order_id: str, quantity: int = 1, shipment_id: str = "s-1", forced: int = 0, reason: str = ""
) -> StockShipped:
    return StockShipped(
        order_id=order_id,
        line_id="1",
        shipment_id=shipment_id,
        quantity=quantity,
        forced=forced,
        reason=reason,
        at=NOON,
    )


def entries(of: Stock) -> dict[str, Entry]:
    """Return all entries that are there."""
    assert isinstance(of.stored, dict)
    whole = {**of.stored, **of.changed}
    return {name: entry for name, entry in whole.items() if entry is not None}


def given(*events: StockEvent) -> Given:
    """Start from what happened."""
    return Given(fold(ITEM_ID, events, EMPTY))


@dataclass(frozen=True)
class Given:
    """The stock as it is."""

    stock: Stock

    @property
    def item(self) -> StockItem:
        assert self.stock.item is not None
        return self.stock.item

    def when(self, command: StockCommand) -> When:
        """Ask for something."""
        return When(self.stock, command)


@dataclass(frozen=True)
class When:
    """What was asked of it."""

    stock: Stock
    command: StockCommand

    def then(self, *events: StockEvent) -> Given:
        """Exactly this happens. Asked again, nothing does."""
        assert decide(self.stock, self.command) == events
        after = fold(ITEM_ID, events, self.stock)
        assert decide(after, self.command) == ()
        return Given(after)

    def then_refused(self, code: str, saying: str = "") -> None:
        """It is refused with this code, and a detail that has these words."""
        with pytest.raises(Refused) as refusal:
            decide(self.stock, self.command)
        assert refusal.value.code == code
        assert saying in refusal.value.detail
