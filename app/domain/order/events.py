"""What can happen to an order. A fact is never changed: a new meaning is a new type or a new version."""

from msgspec import Struct

from app.domain.bounds import Amount, Id, Moment, Quantity, Text
from app.domain.order.commands import (
    Address,
    Difference,
    Line,
    LineQuantity,
    PlaceOrder,
    ShippingLine,
    Units,
    UnitsBack,
)
from app.domain.payment.events import PaymentEvent


class OrderPlaced(Struct, frozen=True, kw_only=True, gc=False):
    """An order was placed as its command stated it. On the wire the facts *are* the event's data."""

    facts: PlaceOrder


class UnitsCancelled(Struct, frozen=True, kw_only=True, gc=False):
    """Units of one line that will not be delivered, and what they were worth, tax included."""

    line_id: Id
    quantity: Quantity
    amount: Amount


class OrderLinesCancelled(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Some units were cancelled. With the last unit of an order its shipping goes too (`shipping`).

    `amount` is the sum of the lines' amounts and `shipping`.
    """

    lines: tuple[UnitsCancelled, ...]
    shipping: Amount = 0
    amount: Amount
    reason: Text = ""


class OrderCancelled(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """All that was left of an order was cancelled: `lines` says what that was, `amount` includes shipping."""

    lines: tuple[UnitsCancelled, ...]
    shipping: Amount = 0
    amount: Amount
    reason: Text = ""


class OrderConfirmed(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The order was taken on."""

    at: Moment
    reason: Text = ""


class OrderExpired(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The order was given up: all that was left of it was cancelled, as `OrderCancelled` says it."""

    lines: tuple[UnitsCancelled, ...]
    shipping: Amount = 0
    amount: Amount
    at: Moment
    reason: Text = ""


class ShippingAddressChanged(Struct, frozen=True, kw_only=True, gc=False):
    """What did not leave yet goes there."""

    address: Address


class AmendmentProposed(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A change is on offer. Until it is confirmed, nothing of the order is different."""

    amendment_id: Id
    lines: tuple[Line, ...] = ()
    shipping: tuple[ShippingLine, ...] = ()
    quantities: tuple[LineQuantity, ...] = ()
    difference: Difference
    reason: Text = ""


class AmendmentConfirmed(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Lines and shipping were added, units cancelled; together the order costs `difference` more."""

    amendment_id: Id
    lines: tuple[Line, ...] = ()
    shipping: tuple[ShippingLine, ...] = ()
    cancelled: tuple[UnitsCancelled, ...] = ()
    difference: Difference


class AmendmentRejected(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The order stays as it was."""

    amendment_id: Id
    reason: Text = ""


class OrderHeld(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The order is on hold, for this reason at least."""

    code: Id
    reason: Text = ""
    at: Moment


class OrderReleased(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """This reason to hold the order is gone. There may be others."""

    code: Id
    reason: Text = ""
    at: Moment


class ReservationRecorded(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The stock holds `reserved` units for a line, those that left included; it waits for `backordered`."""

    line_id: Id
    reserved: Amount
    backordered: Amount = 0
    revision: Amount


class ReservationReleased(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The stock gave up what it held (`reserved`) and what a line waited for (`backordered`)."""

    line_id: Id
    reserved: Amount = 0
    backordered: Amount = 0
    revision: Amount
    reason: Text = ""


class OrderShipped(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Units left. With a `reason`, some of them may not have been reserved."""

    shipment_id: Id
    lines: tuple[Units, ...]
    carrier: Text = ""
    tracking: Text = ""
    reason: Text = ""
    at: Moment


class TrackingUpdated(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A shipment can be followed there."""

    shipment_id: Id
    carrier: Text = ""
    tracking: Text = ""


class DeliveryConfirmed(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """These units of a shipment arrived, besides those that had before."""

    shipment_id: Id
    lines: tuple[Units, ...]
    at: Moment


class ReturnAdvised(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """These units will come back."""

    return_id: Id
    lines: tuple[Units, ...]
    reason: Text = ""


class ReturnWithdrawn(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """These units of a return will not come. `lines` is empty when all of them had come."""

    return_id: Id
    lines: tuple[Units, ...] = ()
    reason: Text = ""


class ReturnReceiptRecorded(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """These units came back."""

    return_id: Id
    receipt_id: Id
    lines: tuple[UnitsBack, ...]
    at: Moment


class NoteAdded(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Something was written down."""

    note_id: Id
    text: Text
    author: Text = ""


class OrderClosed(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Nothing more was to be done."""

    at: Moment
    reason: Text = ""


OwnEvent = (
    OrderPlaced
    | OrderLinesCancelled
    | OrderCancelled
    | OrderConfirmed
    | OrderExpired
    | ShippingAddressChanged
    | AmendmentProposed
    | AmendmentConfirmed
    | AmendmentRejected
    | OrderHeld
    | OrderReleased
    | ReservationRecorded
    | ReservationReleased
    | OrderShipped
    | TrackingUpdated
    | DeliveryConfirmed
    | ReturnAdvised
    | ReturnWithdrawn
    | ReturnReceiptRecorded
    | NoteAdded
    | OrderClosed
)
OrderEvent = OwnEvent | PaymentEvent  # one stream: the ledger is a part of the order
