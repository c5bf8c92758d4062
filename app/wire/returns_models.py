"""The data of messages about returns and carts as the published contract states it: strict pydantic models.

They say the same as the Structs of `app.domain.returns` and `app.domain.cart`: a test feeds both the same documents and
compares.
"""

from typing import Annotated, Final

from pydantic import Field

from app.domain.cart import commands as cart_commands
from app.domain.cart import events as cart_events
from app.domain.returns import commands, events
from app.wire.models import Amount, Currency, Id, Model, Moment, Quantity, Text


class LineToReturn(Model):
    """Units of one line that come back."""

    line_id: Id
    sku: Id
    quantity: Quantity
    """Units that come back."""
    ordered: Quantity
    """Units of the line when it was ordered."""
    line_total: Amount
    """What the line was worth then, tax included; minor units of the order's currency, as all amounts here."""
    before: Amount = 0
    """Units of the line that were cancelled, or belong to earlier returns."""
    reason: Text = ""


class RequestReturn(Model):
    """Units of an order's lines shall come back. The return's id is the subject."""

    order_id: Id
    requested_at: Moment
    currency: Currency
    exponent: Annotated[int, Field(ge=0, le=4)] = 2
    lines: Annotated[list[LineToReturn], Field(min_length=1)]
    shipping_left: Amount = 0
    """What of the order's shipping was not paid back yet."""
    reason: Text = ""


class ApproveReturn(Model):
    """Let the units come."""

    fee: Amount = 0
    """Taken off what is paid back."""
    shipping: Amount = 0
    """Paid back with the first receipt."""
    at: Moment


class RejectReturn(Model):
    """Do not let the units come. A customer who thinks better of it is a reason, too."""

    reason: Text = ""
    at: Moment


class UnitsToReceive(Model):
    """What came of one line, as it looks on arrival."""

    line_id: Id
    sellable: Amount = 0
    damaged: Amount = 0


class ReceiveReturn(Model):
    """A parcel with some of the units came. The same `receipt_id` counts once."""

    receipt_id: Id
    warehouse: Id | None = None
    lines: Annotated[list[UnitsToReceive], Field(min_length=1)]
    at: Moment


class UnitsToPlace(Model):
    """What becomes of one line's units of a receipt."""

    line_id: Id
    restocked: Amount = 0
    written_off: Amount = 0


class InspectReceipt(Model):
    """Say of every unit of a receipt whether it is for sale again or written off."""

    receipt_id: Id
    lines: Annotated[list[UnitsToPlace], Field(min_length=1)]
    at: Moment


class CloseReturn(Model):
    """Wait for no more units."""

    reason: Text = ""
    at: Moment


class ReturnApproved(Model):
    """The units may come, on these terms."""

    order_id: Id
    fee: Amount = 0
    shipping: Amount = 0
    at: Moment


class ReturnRejected(Model):
    """The units may not come."""

    order_id: Id
    reason: Text = ""
    at: Moment


class UnitsReceived(Model):
    """What came of one line, and what these units are worth, tax included."""

    line_id: Id
    sellable: Amount = 0
    damaged: Amount = 0
    amount: Amount


class ReturnReceived(Model):
    """Units came."""

    order_id: Id
    receipt_id: Id
    warehouse: Id | None = None
    lines: list[UnitsReceived]
    shipping: Amount = 0
    """Of the order's shipping, paid back with this receipt."""
    fee: Amount = 0
    """Of the return's fee, taken off this receipt."""
    refund: Amount
    """To be paid back: the lines' amounts + `shipping` - `fee`."""
    at: Moment


class UnitsPlaced(Model):
    """What became of one line's units of a receipt."""

    line_id: Id
    sku: Id
    restocked: Amount = 0
    written_off: Amount = 0


class ReceiptInspected(Model):
    """Every unit of a receipt is for sale again or written off."""

    order_id: Id
    receipt_id: Id
    warehouse: Id | None = None
    lines: list[UnitsPlaced]
    at: Moment


class UnitsMissing(Model):
    """Units of one line that were to come back and will not."""

    line_id: Id
    quantity: Quantity


class ReturnClosed(Model):
    """No more units are waited for."""

    order_id: Id
    missing: Annotated[list[UnitsMissing], Field(default_factory=list)]
    reason: Text = ""
    at: Moment


class Claimed(Model):
    """A cart is this order's. The cart's id is the subject."""

    order_id: Id


class Released(Model):
    """This order does not want the cart, and never will."""

    order_id: Id
    reason: Text = ""


RETURN_COMMAND_MODELS: Final[dict[type, type[Model]]] = {
    commands.RequestReturn: RequestReturn,
    commands.ApproveReturn: ApproveReturn,
    commands.RejectReturn: RejectReturn,
    commands.ReceiveReturn: ReceiveReturn,
    commands.InspectReceipt: InspectReceipt,
    commands.CloseReturn: CloseReturn,
}
RETURN_EVENT_MODELS: Final[dict[type, type[Model]]] = {
    events.ReturnRequested: RequestReturn,
    events.ReturnApproved: ReturnApproved,
    events.ReturnRejected: ReturnRejected,
    events.ReturnReceived: ReturnReceived,
    events.ReceiptInspected: ReceiptInspected,
    events.ReturnClosed: ReturnClosed,
}
CART_COMMAND_MODELS: Final[dict[type, type[Model]]] = {
    cart_commands.ClaimCart: Claimed,
    cart_commands.ReleaseCart: Released,
}
CART_EVENT_MODELS: Final[dict[type, type[Model]]] = {
    cart_events.CartClaimed: Claimed,
    cart_events.CartReleased: Released,
}
