"""Goods on a shelf: what comes in, so that each order of the source can leave on its day.

The source tells what is on the shelf (UnitsInStock) and what was ordered, not when goods came in. So the shelf
begins with what is there, and goods that are missing come on the day on which the first parcel leaves that needs
them: as many as were ordered up to that order, and as many as fill the shelf again. Lines that were ordered in
between wait, and get theirs in the order of their placing. In the end as much comes as leaves UnitsInStock beyond
all that was ordered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.cli.replay.source import Draft
from app.domain.stock.commands import ReceiveStock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


class Shelf:
    """One product in one warehouse. Counted since the beginning: what came in, and what was ordered."""

    def __init__(self, item_id: str, units_in_stock: int) -> None:
        self.item_id = item_id
        self._in_stock = units_in_stock
        self._received = 0
        self._ordered = 0
        self._through: dict[str, int] = {}  # what was ordered up to each order, its own units included

    def promise(self, order_id: str, quantity: int) -> bool:
        """Take an order on, after all before it. Returns whether it must wait for goods to come in."""
        self._ordered += quantity
        self._through[order_id] = self._ordered
        return self._ordered > self._received

    def opened(self, at: datetime) -> Iterator[Draft]:
        """Yield what is there at the beginning."""
        return self._receive("opening", self._in_stock, at)

    def fetched(self, order_id: str, at: datetime) -> Iterator[Draft]:
        """Yield what must come in for an order to leave."""
        through = self._through.pop(order_id)
        wanted = through + self._in_stock if through > self._received else 0
        return self._receive(order_id, wanted - self._received, at)

    def filled(self, at: datetime) -> Iterator[Draft]:
        """Yield what comes in at the end."""
        return self._receive("closing", self._ordered + self._in_stock - self._received, at)

    def _receive(self, receipt_id: str, quantity: int, at: datetime) -> Iterator[Draft]:
        if quantity > 0:
            self._received += quantity
            receive = ReceiveStock(receipt_id=receipt_id, quantity=quantity, at=at)
            yield Draft(f"{self.item_id}-{receipt_id}", self.item_id, at, receive)
