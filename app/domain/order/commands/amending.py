"""Changing what was ordered: proposed first, then confirmed or rejected."""

from typing import Annotated

from msgspec import Meta, Struct

from app.domain.bounds import AMOUNT_LIMIT, Amount, Id, Text
from app.domain.order.commands.placing import Line, ShippingLine

Difference = Annotated[int, Meta(gt=-AMOUNT_LIMIT, lt=AMOUNT_LIMIT)]


class LineQuantity(Struct, frozen=True, kw_only=True, gc=False):
    """How many units of a line shall be left; 0 removes it."""

    line_id: Id
    quantity: Amount


class ProposeAmendment(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Offer to change what was ordered: `lines` and `shipping` come on top, `quantities` leave fewer units.

    A line keeps the price at which it was ordered. Fewer units of it are cancelled; more units are a line of their
    own, at the price of today. `difference` is what the order will cost more or (below 0) less.
    """

    amendment_id: Id
    lines: tuple[Line, ...] = ()
    shipping: tuple[ShippingLine, ...] = ()
    quantities: tuple[LineQuantity, ...] = ()
    difference: Difference
    reason: Text = ""


class ConfirmAmendment(Struct, frozen=True, kw_only=True, gc=False):
    """Do as proposed. What it adds to the price must be authorised or paid."""

    amendment_id: Id


class RejectAmendment(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Leave the order as it is."""

    amendment_id: Id
    reason: Text = ""
