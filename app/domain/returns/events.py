"""What can happen to a return. A fact is never changed: a new meaning is a new type or a new version."""

from msgspec import Struct

from app.domain.bounds import Amount, Id, Moment, Quantity, Text
from app.domain.returns.commands import RequestReturn


class ReturnRequested(RequestReturn, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A return was asked for, as its command states it."""


class ReturnApproved(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The units may come, on these terms."""

    order_id: Id
    fee: Amount = 0
    shipping: Amount = 0
    at: Moment


class ReturnRejected(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The units may not come."""

    order_id: Id
    reason: Text = ""
    at: Moment


class UnitsReceived(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What came of one line, and what these units are worth, tax included."""

    line_id: Id
    sellable: Amount = 0
    damaged: Amount = 0
    amount: Amount


class ReturnReceived(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Units came. To pay back for them: `refund` = the lines' amounts + `shipping` - `fee`."""

    order_id: Id
    receipt_id: Id
    warehouse: Id | None = None
    lines: tuple[UnitsReceived, ...]
    shipping: Amount = 0
    fee: Amount = 0
    refund: Amount
    at: Moment


class UnitsPlaced(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What became of one line's units of a receipt."""

    line_id: Id
    sku: Id
    restocked: Amount = 0
    written_off: Amount = 0


class ReceiptInspected(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Every unit of a receipt is for sale again or written off."""

    order_id: Id
    receipt_id: Id
    warehouse: Id | None = None
    lines: tuple[UnitsPlaced, ...]
    at: Moment


class UnitsMissing(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Units of one line that were to come back and will not."""

    line_id: Id
    quantity: Quantity


class ReturnClosed(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """No more units are waited for."""

    order_id: Id
    missing: tuple[UnitsMissing, ...] = ()
    reason: Text = ""
    at: Moment


ReturnEvent = (
    ReturnRequested | ReturnApproved | ReturnRejected | ReturnReceived | ReceiptInspected | ReturnClosed
)
