"""The agent that decides stock commands: one lane an item, whose reservations are rows of their own."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from agents.deciding import decided, sending_process, tell_process
from app.domain.stock import names
from app.domain.stock.commands import AllotBackorders
from app.domain.stock.decider import decide
from app.domain.stock.evolver import evolve
from app.domain.stock.state import Entry, Stock, StockItem, stock
from app.lane.declare import agent
from app.topics import COMMAND_OUTCOMES, PROCESS_INPUTS, STOCK_COMMANDS, STOCK_EVENTS
from app.views.stock import availability_key, changed_availability, changed_reservations, order_of
from app.wire.contracts import STOCK
from app.wire.types import COMMAND_HEADERS
from tables.outcomes import OUTCOMES
from tables.stock import AVAILABILITY, RESERVATIONS, STOCK_ENTRIES, STOCK_ITEMS

if TYPE_CHECKING:
    from app.lane.turn import Turn
    from app.wire.envelopes import Command


class StoredEntries:
    """The entries of one item, as a decision asks for them."""

    __slots__ = ("_item_id", "_turn")

    def __init__(self, turn: Turn, item_id: str) -> None:
        self._turn, self._item_id = turn, item_id

    def get(self, name: str, /) -> Entry | None:
        return self._turn.get(STOCK_ENTRIES, names.key(self._item_id, name))


@agent(
    STOCK_COMMANDS,
    decode=STOCK.decode_command,
    tables=[STOCK_ITEMS, STOCK_ENTRIES, OUTCOMES, AVAILABILITY, RESERVATIONS],
    emits=[STOCK_EVENTS, STOCK_COMMANDS, COMMAND_OUTCOMES, PROCESS_INPUTS],
)
def decide_stock(command: Command, turn: Turn) -> None:
    """Decide each stock command, and append what happened to stock-events."""
    item_id = command.subject
    before = turn.get(STOCK_ITEMS, item_id.encode())
    found = after = stock(before, StoredEntries(turn, item_id))
    for fact, event in decided(turn, STOCK, STOCK_EVENTS, command, found, decide):
        after = evolve(after, fact, item_id)
        order_id = getattr(fact, "order_id", None) or sending_process(command)
        if order_id is not None:
            tell_process(turn, order_id, event)
    item = after.item
    if item is None or after is found:
        return
    _write(turn, before, item, after)
    if item.due:
        _go_on(turn, command, item)


def _write(turn: Turn, before: StockItem | None, item: StockItem, after: Stock) -> None:
    """Set the rows of the item, and those that readers ask for by another key."""
    for name, entry in after.changed.items():
        if entry is None:
            turn.delete(STOCK_ENTRIES, names.key(item.item_id, name))
        else:
            turn.put(STOCK_ENTRIES, names.key(item.item_id, name), entry)
    turn.put(STOCK_ITEMS, item.item_id.encode(), item)
    seen = changed_availability(before, item)
    if seen is not None:
        turn.index(AVAILABILITY, seen.sku.encode(), availability_key(seen), seen)
    for at, row in changed_reservations(item.item_id, after):
        turn.index(RESERVATIONS, order_of(at), at, row)


def _go_on(turn: Turn, command: Command, item: StockItem) -> None:
    """One decision gives to some of those who wait: let another one serve the rest."""
    key = item.item_id.encode()
    more = STOCK.encode_command(
        id=f"allot/{hashlib.sha256(key).hexdigest()[:32]}/{item.version}",
        subject=item.item_id,
        data=AllotBackorders(),
        source=STOCK.source,
        correlation_id=command.correlation_id or command.id,
        causation_id=command.id,
    )
    turn.emit(STOCK_COMMANDS, key, more, COMMAND_HEADERS)
