"""What can happen to an order. A fact is never changed: a new meaning is a new type or a new version."""

from msgspec import Struct

from app.domain.bounds import Amount, Id, Quantity, Text
from app.domain.order.commands import PlaceOrder


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


OrderEvent = OrderPlaced | OrderLinesCancelled | OrderCancelled
