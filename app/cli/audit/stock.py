"""The books of the stock: items as their events make them, and the same in plain arithmetic."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from app.domain.stock import events
from app.domain.stock.evolver import evolve
from app.domain.stock.state import Entry, Reservation, Stock, StockItem, stock

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.cli.audit.findings import Findings
    from app.wire.events import Envelope

Line = tuple[str, str]  # order, line


@dataclass(slots=True)
class Held:
    """What an item holds for a line. `at`: when it last changed, in milliseconds."""

    held: int = 0
    waiting: int = 0
    gone: int = 0
    version: int = 0
    at: int = 0
    answered: bool = False


@dataclass(slots=True)
class Item:
    """An item: its row and entries by the domain's own rules, and what its events add up to."""

    entries: dict[str, Entry] = field(default_factory=dict)
    row: StockItem | None = None
    on_hand: int = 0
    held: int = 0  # of all lines, and so are these
    waiting: int = 0
    at: int = 0

    @property
    def version(self) -> int:
        return 0 if self.row is None else self.row.version


class StockBook:
    """All items. `lines`: what they hold for each order, by order, then by item and line."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.lines: dict[str, dict[Line, Held]] = {}
        self.restocked: dict[tuple[str, str, str], int] = {}  # by return, receipt and line

    def take(self, event: Envelope[Any], at: int, findings: Findings) -> None:
        """Add an event."""
        item_id, fact = event.subject, event.data
        item = self.items.setdefault(item_id, Item())
        item.at = at
        _add(self, item, event, at)
        state = evolve(_stock(item), fact, item_id)
        for name, entry in state.changed.items():
            if entry is None:
                item.entries.pop(name, None)
            else:
                item.entries[name] = entry
        item.row = state.item
        if item.on_hand < item.held or item.on_hand < 0:
            what = f"{item.held} units held and {item.on_hand} on hand, at version {event.version}"
            findings.differ("available-below-0", item_id, what)

    def judge(self, findings: Findings) -> None:
        """Compare each item with what its events add up to, and with its open reservations."""
        for item_id, item in self.items.items():
            row = item.row
            if row is None:
                continue
            entries = [entry for entry in item.entries.values() if isinstance(entry, Reservation)]
            open_ = (
                sum([entry.reserved for entry in entries]),
                sum([entry.backordered for entry in entries]),
                len(entries),
            )
            findings.expect("reserved-of-item", item_id, (row.reserved, row.backordered, row.open), open_)
            sums = (item.on_hand, item.held, item.waiting)
            findings.expect("sum-of-item", item_id, (row.on_hand, row.reserved, row.backordered), sums)
        for order_id, lines in self.lines.items():
            for (item_id, line_id), line in lines.items():
                if line.held < 0 or line.waiting < 0:
                    what = f"{item_id} holds {line.held} and lets {line.waiting} wait"
                    findings.differ("reservation-below-0", f"{order_id} {line_id}", what)


def _stock(item: Item) -> Stock:
    return stock(item.row, item.entries)


def _add(book: StockBook, item: Item, event: Envelope[Any], at: int) -> None:
    """Add up an event, without the domain's rules."""
    fact = event.data
    item.on_hand += ON_HAND.get(type(fact), _nothing)(fact)
    if isinstance(fact, events.StockRestocked):
        book.restocked[fact.return_id, fact.receipt_id, fact.line_id] = fact.quantity
    change = OF_LINE.get(type(fact))
    if change is None:
        return
    line = book.lines.setdefault(fact.order_id, {}).setdefault((event.subject, fact.line_id), Held())
    item.held -= line.held
    item.waiting -= line.waiting
    change(line, fact)
    item.held += line.held
    item.waiting += line.waiting
    line.version, line.at = event.version, at


def _nothing(_fact: Any) -> int:
    return 0


def _reserved(line: Held, fact: events.StockReserved) -> None:
    line.answered, line.held = True, fact.quantity - fact.released


def _backordered(line: Held, fact: events.StockBackordered) -> None:
    line.answered, line.held = True, fact.reserved
    line.waiting = fact.quantity - fact.released - fact.reserved


def _allotted(line: Held, fact: events.BackorderAllotted) -> None:
    line.held += fact.quantity
    line.waiting -= fact.quantity


def _released(line: Held, fact: events.StockReleased) -> None:
    line.held -= fact.reserved
    line.waiting -= fact.backordered


def _shipped(line: Held, fact: events.StockShipped) -> None:
    line.held -= fact.quantity - fact.forced
    line.waiting -= min(line.waiting, fact.forced)
    line.gone += fact.quantity


ON_HAND: Final[dict[type, Callable[[Any], int]]] = {
    events.StockReceived: lambda fact: int(fact.quantity),
    events.StockAdjusted: lambda fact: int(fact.change),
    events.StockRestocked: lambda fact: int(fact.quantity),
    events.StockWrittenOff: lambda fact: -int(fact.quantity),
    events.StockShipped: lambda fact: -int(fact.quantity),
}
OF_LINE: Final[dict[type, Callable[[Held, Any], None]]] = {
    events.StockReserved: _reserved,
    events.StockBackordered: _backordered,
    events.BackorderAllotted: _allotted,
    events.StockReleased: _released,
    events.StockShipped: _shipped,
}
