"""Taking an order on, holding it up, and being done with it; what is said about it."""

from msgspec import Struct

from app.domain.bounds import Id, Moment, Text
from app.domain.order.commands.placing import Address


class ConfirmOrder(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Take the order on: from now on it is to be shipped."""

    at: Moment
    reason: Text = ""


class HoldOrder(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Let nothing be confirmed, shipped or closed, for a reason that has a code."""

    code: Id
    reason: Text = ""
    at: Moment


class ReleaseOrder(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """This reason to hold the order is gone."""

    code: Id
    reason: Text = ""
    at: Moment


class CloseOrder(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Nothing more is to be done."""

    at: Moment
    reason: Text = ""


class ChangeShippingAddress(Struct, frozen=True, kw_only=True, gc=False):
    """Send what did not leave yet somewhere else."""

    address: Address


class AddNote(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Write something down."""

    note_id: Id
    text: Text
    author: Text = ""
