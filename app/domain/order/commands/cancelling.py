"""Giving an order up, whole or in part."""

from typing import Annotated

from msgspec import Meta, Struct

from app.domain.bounds import Id, Moment, Quantity, Text


class UnitsToCancel(Struct, frozen=True, kw_only=True, gc=False):
    """How many units of a line to cancel."""

    line_id: Id
    quantity: Quantity


class CancelLines(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Cancel some units of some lines."""

    lines: Annotated[tuple[UnitsToCancel, ...], Meta(min_length=1)]
    reason: Text = ""


class CancelOrder(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Cancel everything that is left of an order."""

    reason: Text = ""


class ExpireOrder(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Give up an order that was neither confirmed nor paid for in time."""

    at: Moment
    reason: Text = ""
