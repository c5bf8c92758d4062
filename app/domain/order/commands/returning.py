"""Units that come back. The return itself is an aggregate of its own; the order knows which units it is about."""

from typing import Annotated

from msgspec import Meta, Struct

from app.domain.bounds import Amount, Id, Moment, Text
from app.domain.order.commands.fulfilling import Units


class AdviseReturn(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Units that left will come back."""

    return_id: Id
    lines: Annotated[tuple[Units, ...], Meta(min_length=1)]
    reason: Text = ""


class WithdrawReturn(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What did not come back of a return will not come."""

    return_id: Id
    reason: Text = ""


class UnitsBack(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Units of a line that came back."""

    line_id: Id
    sellable: Amount = 0
    damaged: Amount = 0


class RecordReturnReceipt(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Units of a return came back."""

    return_id: Id
    receipt_id: Id
    lines: Annotated[tuple[UnitsBack, ...], Meta(min_length=1)]
    at: Moment
