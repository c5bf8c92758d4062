"""The three statuses of an order, derived: no writer can let them disagree with the facts.

Each is the first that is true of its table in docs/domain.md.
"""

from enum import StrEnum

from app.domain.order.owed import owed
from app.domain.order.state import Order
from app.domain.payment import statuses
from app.domain.payment.statuses import PaymentStatus

__all__ = [
    "FulfilmentStatus",
    "OrderStatus",
    "PaymentStatus",
    "fulfilment_status",
    "is_held",
    "order_status",
    "payment_status",
]


class OrderStatus(StrEnum):
    """Whether the order stands."""

    EXPIRED = "expired"
    CANCELLED = "cancelled"
    CLOSED = "closed"
    CONFIRMED = "confirmed"
    PLACED = "placed"


class FulfilmentStatus(StrEnum):
    """What of its units was sent, arrived and came back."""

    RETURNED = "returned"
    PARTIALLY_RETURNED = "partially-returned"
    DELIVERED = "delivered"
    PARTIALLY_DELIVERED = "partially-delivered"
    SHIPPED = "shipped"
    PARTIALLY_SHIPPED = "partially-shipped"
    BACKORDERED = "backordered"
    UNFULFILLED = "unfulfilled"


def order_status(order: Order) -> OrderStatus:
    """`cancelled` when no unit is left, by whatever command the last one went."""
    if order.expired:
        return OrderStatus.EXPIRED
    if order.cancelled and order.ended:
        return OrderStatus.CANCELLED
    if order.closed:
        return OrderStatus.CLOSED
    return OrderStatus.CONFIRMED if order.confirmed else OrderStatus.PLACED


def is_held(order: Order) -> bool:
    """Whether there is a reason to let nothing leave. A flag beside the status: any standing order can be held."""
    return bool(order.holds)


def payment_status(order: Order) -> PaymentStatus:
    """As docs/domain-payment.md says."""
    if not order.payments.payments:
        return PaymentStatus.NONE
    return statuses.payment_status(owed(order), order.payments)


def fulfilment_status(order: Order) -> FulfilmentStatus:
    """Of the units that were not cancelled."""
    if not order.units:
        return FulfilmentStatus.UNFULFILLED
    wanted = sum([line.quantity for line in order.facts.lines]) - sum(order.cancelled)
    returned = sum([units.returned for units in order.units])
    delivered = sum([units.delivered for units in order.units])
    shipped = sum([units.shipped for units in order.units])
    for some, whole, part in (
        (returned, FulfilmentStatus.RETURNED, FulfilmentStatus.PARTIALLY_RETURNED),
        (delivered, FulfilmentStatus.DELIVERED, FulfilmentStatus.PARTIALLY_DELIVERED),
        (shipped, FulfilmentStatus.SHIPPED, FulfilmentStatus.PARTIALLY_SHIPPED),
    ):
        if some:
            return whole if some == wanted else part
    if wanted and any(units.backordered for units in order.units):
        return FulfilmentStatus.BACKORDERED
    return FulfilmentStatus.UNFULFILLED
