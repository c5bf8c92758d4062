"""What can happen to a stock item. A fact is never changed: a new meaning is a new type or a new version."""

from msgspec import Struct

from app.domain.bounds import Amount, Id, Moment, Quantity, Text
from app.domain.stock.commands import Change


class StockReceived(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Goods came in."""

    receipt_id: Id
    quantity: Quantity
    at: Moment


class StockAdjusted(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The books follow what was counted."""

    adjustment_id: Id
    change: Change
    reason: Text = ""
    at: Moment


class StockReserved(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """`quantity` units were asked for; all of them are held for the line, but for those `released` before."""

    order_id: Id
    line_id: Id
    quantity: Quantity
    released: Amount = 0
    placed_at: Moment

    @property
    def reserved(self) -> int:
        """Units that are held."""
        return self.quantity - self.released


class StockBackordered(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """As `StockReserved`, but only `reserved` units were there: the line waits for the others."""

    order_id: Id
    line_id: Id
    quantity: Quantity
    released: Amount = 0
    reserved: Amount = 0
    placed_at: Moment

    @property
    def backordered(self) -> int:
        """Units that are waited for."""
        return self.quantity - self.released - self.reserved


class BackorderAllotted(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """`quantity` units that the line waited for are held for it now; `waiting` are still to come."""

    order_id: Id
    line_id: Id
    quantity: Quantity
    waiting: Amount = 0


class StockReleased(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The line wants no more than `keep`: it gave up units that it held, and units that it waited for.

    When the release came before its reservation there was nothing to give up, but the reservation will know.
    """

    order_id: Id
    line_id: Id
    keep: Amount = 0
    reserved: Amount = 0
    backordered: Amount = 0
    reason: Text = ""
    at: Moment


class StockShipped(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Units left with a shipment. `forced` of them were not held for the line, which is why there is a reason."""

    order_id: Id
    line_id: Id
    shipment_id: Id
    quantity: Quantity
    forced: Amount = 0
    reason: Text = ""
    at: Moment


class StockRestocked(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Returned units are for sale again."""

    return_id: Id
    receipt_id: Id
    line_id: Id
    quantity: Quantity
    at: Moment


class StockWrittenOff(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Units on the shelf were given up."""

    write_off_id: Id
    quantity: Quantity
    reason: Text = ""
    at: Moment


StockEvent = (
    StockReceived
    | StockAdjusted
    | StockReserved
    | StockBackordered
    | BackorderAllotted
    | StockReleased
    | StockShipped
    | StockRestocked
    | StockWrittenOff
)
