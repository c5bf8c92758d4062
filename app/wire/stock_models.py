"""The data of stock commands and events as the published contract states it: strict pydantic models.

They say the same as the Structs of `app.domain.stock`: a test feeds both the same documents and compares.
"""

from typing import Annotated, Final

from pydantic import Field

from app.domain.bounds import AMOUNT_LIMIT
from app.domain.stock import commands, events
from app.wire.models import Amount, Id, Model, Moment, Quantity, Text

Change = Annotated[int, Field(gt=-AMOUNT_LIMIT, lt=AMOUNT_LIMIT)]


class Received(Model):
    """Goods came in. The same `receipt_id` counts once."""

    receipt_id: Id
    quantity: Quantity
    at: Moment


class Adjusted(Model):
    """Somebody counted, and found `change` units more or (below 0) fewer than the books say."""

    adjustment_id: Id
    change: Change
    reason: Text = ""
    at: Moment


class ReserveStock(Model):
    """Hold units for a line of an order."""

    order_id: Id
    line_id: Id
    quantity: Quantity
    placed_at: Moment
    """When the order was placed: who waits is served in this order."""
    backorder: bool = False
    """Wait for what is not there. Otherwise the line gets all or nothing."""


class ReleaseStock(Model):
    """Give up units of a reservation."""

    order_id: Id
    line_id: Id
    keep: Amount = 0
    """How many of the reserved units the line still wants, shipped ones included."""
    reason: Text = ""
    at: Moment


class CommitStock(Model):
    """Units of a reservation left with a shipment."""

    order_id: Id
    line_id: Id
    shipment_id: Id
    quantity: Quantity
    reason: Text = ""
    """Why more units leave than are held for the line. Without a reason that is refused."""
    at: Moment


class Restocked(Model):
    """Units of a return's line, which came with one of its receipts, are for sale again."""

    return_id: Id
    receipt_id: Id
    line_id: Id
    quantity: Quantity
    at: Moment


class WrittenOff(Model):
    """Units on the shelf are not fit for sale any more."""

    write_off_id: Id
    quantity: Quantity
    reason: Text = ""
    at: Moment


class AllotBackorders(Model):
    """Give what is there to those who wait. The agent of stock sends this to itself."""


class Reserved(Model):
    """Units were asked for, and all of them are held for the line."""

    order_id: Id
    line_id: Id
    quantity: Quantity
    """Units asked for."""
    released: Amount = 0
    """Units that a release, which came before, had taken off."""
    placed_at: Moment


class Backordered(Model):
    """Units were asked for, and the line waits for `quantity` - `released` - `reserved` of them."""

    order_id: Id
    line_id: Id
    quantity: Quantity
    """Units asked for."""
    released: Amount = 0
    """Units that a release, which came before, had taken off."""
    reserved: Amount = 0
    """Units that are held for the line at once."""
    placed_at: Moment


class Allotted(Model):
    """Units that the line waited for are held for it now."""

    order_id: Id
    line_id: Id
    quantity: Quantity
    waiting: Amount = 0
    """Units still to come."""


class Released(Model):
    """The line wants no more than `keep` units."""

    order_id: Id
    line_id: Id
    keep: Amount = 0
    reserved: Amount = 0
    """Units given up that were held."""
    backordered: Amount = 0
    """Units given up that were waited for. Neither: the release came before its reservation."""
    reason: Text = ""
    at: Moment


class Shipped(Model):
    """Units left with a shipment."""

    order_id: Id
    line_id: Id
    shipment_id: Id
    quantity: Quantity
    forced: Amount = 0
    """Units of them that were not held for the line."""
    reason: Text = ""
    at: Moment


STOCK_COMMAND_MODELS: Final[dict[type, type[Model]]] = {
    commands.ReceiveStock: Received,
    commands.AdjustStock: Adjusted,
    commands.ReserveStock: ReserveStock,
    commands.ReleaseStock: ReleaseStock,
    commands.CommitStock: CommitStock,
    commands.RestockStock: Restocked,
    commands.WriteOffStock: WrittenOff,
    commands.AllotBackorders: AllotBackorders,
}
STOCK_EVENT_MODELS: Final[dict[type, type[Model]]] = {
    events.StockReceived: Received,
    events.StockAdjusted: Adjusted,
    events.StockReserved: Reserved,
    events.StockBackordered: Backordered,
    events.BackorderAllotted: Allotted,
    events.StockReleased: Released,
    events.StockShipped: Shipped,
    events.StockRestocked: Restocked,
    events.StockWrittenOff: WrittenOff,
}
