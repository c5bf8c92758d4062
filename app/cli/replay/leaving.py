"""Orders of Online Retail on their way out: each is paid, taken on and sent in the night after its invoice.

What is cancelled until then neither leaves nor is paid.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from app.cli.replay.source import Draft
from app.domain.order.commands import ConfirmOrder, ShipOrder, Units
from app.domain.payment.commands import RecordPaymentCaptured

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from app.domain.order.commands import PlaceOrder

LONDON: Final = ZoneInfo("Europe/London")
DAY: Final = len("2010-12-01")
ACCOUNT: Final = "account"
PROVIDER: Final = "house"  # it answers inside the system when money is to go back
NO_STOCK: Final = "no stock is kept of it"


class Parcel(Struct, gc=False):
    """What is left of an order."""

    order_id: str
    day: str
    units: dict[str, int]
    amount: int


class Outgoing:
    """The orders that did not leave yet, and how many units of the others are out."""

    def __init__(self) -> None:
        self._parcels: dict[str, Parcel] = {}  # by day, since the invoices are
        self._out: dict[str, int] = {}

    def add(self, order_id: str, at: str, order: PlaceOrder) -> None:
        units = {line.line_id: line.quantity for line in order.lines}
        self._parcels[order_id] = Parcel(order_id, at[:DAY], units, order.totals.total)

    def has(self, order_id: str) -> bool:
        """Return whether an order did not leave yet."""
        return order_id in self._parcels

    def cancel(self, order_id: str, units: Mapping[str, int], amount: int) -> int:
        """Take units out. Returns how many are left."""
        parcel = self._parcels[order_id]
        for line_id, quantity in units.items():
            parcel.units[line_id] -= quantity
        parcel.amount -= amount
        return sum(parcel.units.values())

    def came_back(self, order_id: str, units: int) -> int:
        """Note units that came back. Returns how many are still out."""
        self._out[order_id] -= units
        return self._out[order_id]

    def before(self, at: str) -> Iterator[Draft]:
        """Yield what left in the nights before this day."""
        while self._parcels:
            parcel = next(iter(self._parcels.values()))
            if parcel.day >= at[:DAY]:
                return
            yield from self._leave(self._parcels.pop(parcel.order_id))

    def rest(self) -> Iterator[Draft]:
        """Yield what leaves after the last day."""
        for order_id in tuple(self._parcels):
            yield from self._leave(self._parcels.pop(order_id))

    def _leave(self, parcel: Parcel) -> Iterator[Draft]:
        order_id, at = parcel.order_id, time_of(parcel.day) + timedelta(days=1)
        lines = tuple(
            [
                Units(line_id=line_id, quantity=quantity)
                for line_id, quantity in parcel.units.items()
                if quantity
            ]
        )
        if not lines:
            return
        self._out[order_id] = sum(parcel.units.values())
        confirm = ConfirmOrder(at=at)
        yield Draft(f"{order_id}-confirm", order_id, at, confirm, order_id, leaves="confirmed")
        captured = RecordPaymentCaptured(
            payment_id=ACCOUNT, capture_id="invoice", amount=parcel.amount, provider=PROVIDER
        )
        yield Draft(f"{order_id}-captured", order_id, at, captured, order_id, amount=parcel.amount)
        ship = ShipOrder(shipment_id="parcel", lines=lines, reason=NO_STOCK, at=at)
        yield Draft(
            f"{order_id}-ship", order_id, at, ship, order_id, units=self._out[order_id], leaves="shipped"
        )


def time_of(text: str) -> datetime:
    """Read a time of the file, or a day of it, which is its midnight."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)
