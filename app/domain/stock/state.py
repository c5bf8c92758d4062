"""What is remembered of a stock item: a small row of totals, and entries of their own for all that there are many of.

The item's row is as small with 100,000 open reservations as with one, so that the next reservation costs the same.
A decision reads, by name, the entries that it needs; names.py says how they are called.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Protocol

from msgspec import Struct

SHIPMENTS_LIMIT: Final = 200  # of one reservation: its entry must stay small


class StockItem(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Totals. `reserved` and `backordered` are units that are held, and waited for, by `open` reservations.

    `first` is the reservation that has waited longest. What is remembered of the past has the numbers
    `oldest` to `newest` - 1 (memory.py).
    """

    item_id: str
    version: int
    on_hand: int = 0
    reserved: int = 0
    backordered: int = 0
    open: int = 0
    first: str | None = None
    oldest: int = 0
    newest: int = 0

    @property
    def available(self) -> int:
        """Units that are not held for anybody. Never below 0."""
        return self.on_hand - self.reserved

    @property
    def free(self) -> int:
        """Units that the next order can have; below 0 when more are waited for than are available."""
        return self.on_hand - self.reserved - self.backordered

    @property
    def due(self) -> int:
        """Units that somebody waits for and that are there: `AllotBackorders` gives them."""
        return min(self.available, self.backordered)


class Shipment(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Units that left."""

    shipment_id: str
    quantity: int


class Reservation(
    Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag_field="is", tag="open"
):
    """A reservation that holds units or waits for some.

    `arrived` is the item's version that made it. The last four members are its place in the queue (queue.py).
    """

    order_id: str
    line_id: str
    quantity: int
    placed_at: datetime
    arrived: int
    reserved: int = 0
    backordered: int = 0
    shipped: int = 0
    released: int = 0
    shipments: tuple[Shipment, ...] = ()
    up: str | None = None
    left: str | None = None
    right: str | None = None
    rank: int = 1


class Settled(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag_field="is", tag="settled"):
    """A reservation whose units were all shipped or released. `number` is its place in the memory."""

    quantity: int
    shipped: int = 0
    released: int = 0
    shipments: tuple[Shipment, ...] = ()
    number: int


class Withdrawn(
    Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag_field="is", tag="withdrawn"
):
    """A release that came before its reservation. When that comes, it gets `keep` units at most."""

    keep: int = 0
    number: int


class Movement(
    Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag_field="is", tag="movement"
):
    """Goods that came, went or were counted, so that the same does not count twice."""

    change: int
    number: int


class Remembered(
    Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag_field="is", tag="remembered"
):
    """Which entry has this number in the memory, and since when."""

    name: str
    at: datetime


Entry = Reservation | Settled | Withdrawn | Movement | Remembered


class Entries(Protocol):
    """Entries by name. A dict is one; an agent's reads its table."""

    def get(self, name: str, /) -> Entry | None:
        """Return the entry, or None."""


class Stock(Struct, frozen=True, kw_only=True, gc=False):
    """An item with its entries: those that are `stored`, and those that the events since then `changed`.

    None in `changed`: the entry is gone. `was`: what the changed reservations were before, as it was read then, so
    that a comparison does not depend on whether the changes have been stored since.
    """

    item: StockItem | None
    stored: Entries
    changed: Mapping[str, Entry | None]
    was: Mapping[str, Entry | None]

    @property
    def version(self) -> int:
        """The item's; 0: there is none yet."""
        return 0 if self.item is None else self.item.version

    def get(self, name: str) -> Entry | None:
        """Return an entry as it is now."""
        if name in self.changed:
            return self.changed[name]
        return self.stored.get(name)


def stock(item: StockItem | None, stored: Entries) -> Stock:
    """Return the item as it is stored: nothing has changed yet."""
    return Stock(item=item, stored=stored, changed={}, was={})
