"""What can be asked of a stock item. Each command has a natural id, under which it has its effect once.

A reservation's id is order and line. `at` is when it was asked; quantities are units.
"""

from typing import Annotated

from msgspec import Meta, Struct

from app.domain.bounds import AMOUNT_LIMIT, Amount, Id, Moment, Quantity, Text

Change = Annotated[int, Meta(gt=-AMOUNT_LIMIT, lt=AMOUNT_LIMIT)]


class ReceiveStock(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Goods came in."""

    receipt_id: Id
    quantity: Quantity
    at: Moment


class AdjustStock(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Somebody counted, and found `change` units more or (below 0) fewer than the books say."""

    adjustment_id: Id
    change: Change
    reason: Text = ""
    at: Moment


class ReserveStock(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Hold units for a line of an order; with `backorder`, let it wait for what is not there."""

    order_id: Id
    line_id: Id
    quantity: Quantity
    placed_at: Moment
    backorder: bool = False


class ReleaseStock(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The line wants no more than `keep` units of those that it reserved, shipped ones included."""

    order_id: Id
    line_id: Id
    keep: Amount = 0
    reason: Text = ""
    at: Moment


class CommitStock(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Units of a reservation left with a shipment. With a `reason`, more than are held for it may leave."""

    order_id: Id
    line_id: Id
    shipment_id: Id
    quantity: Quantity
    reason: Text = ""
    at: Moment


class RestockStock(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Units of a return's line, which came with one of its receipts, are for sale again."""

    return_id: Id
    receipt_id: Id
    line_id: Id
    quantity: Quantity
    at: Moment


class WriteOffStock(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Units on the shelf are not fit for sale any more."""

    write_off_id: Id
    quantity: Quantity
    reason: Text = ""
    at: Moment


class AllotBackorders(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Go on giving units to those who wait: one command serves ALLOT_LIMIT of them."""


StockCommand = (
    ReceiveStock
    | AdjustStock
    | ReserveStock
    | ReleaseStock
    | CommitStock
    | RestockStock
    | WriteOffStock
    | AllotBackorders
)
