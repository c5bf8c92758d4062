"""What the stock holds for an order, and what leaves and arrives."""

from typing import Annotated

from msgspec import Meta, Struct

from app.domain.bounds import Amount, Id, Moment, Quantity, Text


class RecordReservation(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What the stock holds for a line, as of `revision`: the version of the stock item that says so.

    `reserved` are all units that were ever held and not given up, those that left included. An older revision
    than one that is known says nothing new.
    """

    line_id: Id
    reserved: Amount
    backordered: Amount = 0
    revision: Amount


class ReleaseReservation(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The stock holds nothing for a line any more, as of `revision`, and lets it wait for nothing."""

    line_id: Id
    revision: Amount
    reason: Text = ""


class Units(Struct, frozen=True, kw_only=True, gc=False):
    """How many units of a line."""

    line_id: Id
    quantity: Quantity


class ShipOrder(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Units leave. With a `reason`, more of them than are reserved."""

    shipment_id: Id
    lines: Annotated[tuple[Units, ...], Meta(min_length=1)]
    carrier: Text = ""
    tracking: Text = ""
    reason: Text = ""
    at: Moment


class UpdateTracking(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Where a shipment can be followed."""

    shipment_id: Id
    carrier: Text = ""
    tracking: Text = ""


class ConfirmDelivery(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Units of a shipment arrived: `lines` are all that did so far. Without them: the whole shipment."""

    shipment_id: Id
    lines: tuple[Units, ...] = ()
    at: Moment
