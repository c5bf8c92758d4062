"""What can be asked of a return. It carries what it must know of its order, at the moment of asking.

Amounts are integers of minor units of the order's currency; quantities are units.
"""

from typing import Annotated

from msgspec import Meta, Struct

from app.domain.bounds import Amount, Currency, Exponent, Id, Moment, Quantity, Text


class LineToReturn(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Units of one line that come back.

    `ordered` and `line_total` are the line's, as ordered. `before`: how many of its units were cancelled or
    belong to earlier returns. These units are worth what comes between, so that all together are worth the line.
    """

    line_id: Id
    sku: Id
    quantity: Quantity
    ordered: Quantity
    line_total: Amount
    before: Amount = 0
    reason: Text = ""


class RequestReturn(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Ask to send units back. `shipping_left`: what of the order's shipping was not paid back yet."""

    order_id: Id
    requested_at: Moment
    currency: Currency
    exponent: Exponent = 2
    lines: Annotated[tuple[LineToReturn, ...], Meta(min_length=1)]
    shipping_left: Amount = 0
    reason: Text = ""


class ApproveReturn(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Let the units come. `shipping` is paid back with them; `fee` is taken off what is paid back."""

    fee: Amount = 0
    shipping: Amount = 0
    at: Moment


class RejectReturn(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Do not let the units come. A customer who thinks better of it is a reason, too."""

    reason: Text = ""
    at: Moment


class UnitsToReceive(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What came of one line, as it looks on arrival."""

    line_id: Id
    sellable: Amount = 0
    damaged: Amount = 0


class ReceiveReturn(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A parcel with some of the units came to a warehouse."""

    receipt_id: Id
    warehouse: Id | None = None
    lines: Annotated[tuple[UnitsToReceive, ...], Meta(min_length=1)]
    at: Moment


class UnitsToPlace(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What becomes of one line's units of a receipt."""

    line_id: Id
    restocked: Amount = 0
    written_off: Amount = 0


class InspectReceipt(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Say of every unit of a receipt whether it is for sale again or written off."""

    receipt_id: Id
    lines: Annotated[tuple[UnitsToPlace, ...], Meta(min_length=1)]
    at: Moment


class CloseReturn(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Wait for no more units."""

    reason: Text = ""
    at: Moment


ReturnCommand = RequestReturn | ApproveReturn | RejectReturn | ReceiveReturn | InspectReceipt | CloseReturn
