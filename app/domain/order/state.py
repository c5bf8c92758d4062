"""What is remembered of an order: the row that decisions need and that readers get.

Statuses are not here: they follow from this (statuses.py). A member that says nothing is left out of the row, so that
an order that was only placed is as small as it ever was.
"""

from typing import Final

from msgspec import Struct

from app.domain.order.commands import PlaceOrder
from app.domain.order.events import (
    AmendmentProposed,
    NoteAdded,
    OrderHeld,
    OrderShipped,
    ReturnAdvised,
    ReturnReceiptRecorded,
)
from app.domain.payment.state import EMPTY, Ledger

ENTRIES_LIMIT: Final = 500  # shipments of an order, its returns, notes ...: its row must stay small
# Bytes of a row. A record has 900,000: the rest is for what the stock, carriers, providers and parcels say.
ROW_LIMIT: Final = 875_000


class LineUnits(Struct, frozen=True, kw_only=True, gc=False, array_like=True):
    """What became of the units of a line. An array in the row: an order may have 2,000 lines.

    `reserved` counts all that the stock ever held and did not get back, those that left included; `revision` is the
    version of the stock item that said so. `advised` counts all that come back, those that came included.
    """

    reserved: int = 0
    backordered: int = 0
    revision: int = 0
    shipped: int = 0
    delivered: int = 0
    advised: int = 0
    sellable: int = 0
    damaged: int = 0

    @property
    def returned(self) -> int:
        """Units that came back."""
        return self.sellable + self.damaged


UNTOUCHED: Final = LineUnits()


class Sent(Struct, frozen=True, kw_only=True, gc=False, array_like=True):
    """Units of a shipment, by the place of their line in the order, and how many of them arrived."""

    place: int
    quantity: int
    delivered: int = 0


class Shipment(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Units that left together, and where they can be followed now. `facts` are without the lines: see `sent`."""

    facts: OrderShipped
    carrier: str = ""
    tracking: str = ""
    sent: tuple[Sent, ...] = ()


class Came(Struct, frozen=True, kw_only=True, gc=False, array_like=True):
    """Units of a receipt, by the place of their line in the order."""

    place: int
    sellable: int
    damaged: int

    @property
    def quantity(self) -> int:
        """Units that came."""
        return self.sellable + self.damaged


class Receipt(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A parcel of a return. `facts` are without the lines: see `came`."""

    facts: ReturnReceiptRecorded
    came: tuple[Came, ...] = ()


class Expected(Struct, frozen=True, kw_only=True, gc=False, array_like=True):
    """Units of a return, by the place of their line in the order."""

    place: int
    quantity: int


class ReturnOfUnits(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Units that come back together, and their parcels. `facts` are without the lines: see `expected`."""

    facts: ReturnAdvised
    expected: tuple[Expected, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    withdrawn: bool = False


class Amendment(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A change that was proposed, and the answer, if there is one."""

    facts: AmendmentProposed
    confirmed: bool = False
    rejected: bool = False

    @property
    def open(self) -> bool:
        """Nobody answered yet."""
        return not (self.confirmed or self.rejected)


class Order(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """An order that was placed.

    `version` counts its events. `facts` are those of its placing, with the lines, shipping and totals that amendments
    added and the address that holds now. `cancelled` holds the cancelled units of each line, `units` what became of
    the others, both in the order of `facts.lines`; each is empty until there is something to say.
    `cancelled_amount` includes tax, and shipping at the end.
    """

    order_id: str
    version: int
    facts: PlaceOrder
    cancelled: tuple[int, ...] = ()
    cancelled_amount: int = 0
    payments: Ledger = EMPTY
    confirmed: bool = False
    expired: bool = False
    closed: bool = False
    holds: tuple[OrderHeld, ...] = ()
    units: tuple[LineUnits, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    returns: tuple[ReturnOfUnits, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    notes: tuple[NoteAdded, ...] = ()

    @property
    def all_cancelled(self) -> tuple[int, ...]:
        """Cancelled units of every line."""
        return self.cancelled or (0,) * len(self.facts.lines)

    @property
    def all_units(self) -> tuple[LineUnits, ...]:
        """What became of the units of every line."""
        return self.units or (UNTOUCHED,) * len(self.facts.lines)

    @property
    def ended(self) -> bool:
        """It has expired, or no unit is left: nothing is owed for it."""
        return self.expired or (
            bool(self.cancelled) and self.cancelled == tuple([line.quantity for line in self.facts.lines])
        )
