"""Giving units that are there to those who wait for them, in the order of the queue."""

from typing import Final

from app.domain.stock.events import BackorderAllotted, StockEvent
from app.domain.stock.evolver import evolve
from app.domain.stock.state import Reservation, Stock

# So many a command: a turn must stay short, and its transaction small. `AllotBackorders` serves the next ones.
ALLOT_LIMIT: Final = 50


def with_allotments(stock: Stock, *happened: StockEvent) -> tuple[StockEvent, ...]:
    """Return what happened, and who gets units because of it."""
    item = stock.item
    if item is None or item.first is None:
        return happened  # nobody waits
    for event in happened:
        stock = evolve(stock, event, item.item_id)
    return (*happened, *_allotments(stock))


def _allotments(stock: Stock) -> list[BackorderAllotted]:
    found: list[BackorderAllotted] = []
    item = stock.item
    while len(found) < ALLOT_LIMIT and item is not None and item.due:
        first = stock.get(item.first or "")
        assert isinstance(first, Reservation)  # noqa: S101 - somebody waits, so somebody is first
        quantity = min(first.backordered, item.available)
        event = BackorderAllotted(
            order_id=first.order_id,
            line_id=first.line_id,
            quantity=quantity,
            waiting=first.backordered - quantity,
        )
        found.append(event)
        stock = evolve(stock, event, item.item_id)
        item = stock.item
    return found
