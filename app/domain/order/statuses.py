"""The three statuses of an order, derived: no writer can let them disagree with the facts."""

from enum import StrEnum

from app.domain.order.state import Order


class OrderStatus(StrEnum):
    """Whether the order stands."""

    PLACED = "placed"
    CANCELLED = "cancelled"


class PaymentStatus(StrEnum):
    """What of its total was paid. Nothing takes payments yet."""

    NONE = "none"


class FulfilmentStatus(StrEnum):
    """What of its units was sent. Nothing ships yet."""

    UNFULFILLED = "unfulfilled"


def order_status(order: Order) -> OrderStatus:
    """`cancelled` when no unit is left, by whatever command the last one went."""
    if not order.cancelled:
        return OrderStatus.PLACED
    for line, cancelled in zip(order.facts.lines, order.cancelled, strict=True):
        if cancelled != line.quantity:
            return OrderStatus.PLACED
    return OrderStatus.CANCELLED


def payment_status(_order: Order) -> PaymentStatus:
    """`none`: there are no payment events yet."""
    return PaymentStatus.NONE


def fulfilment_status(_order: Order) -> FulfilmentStatus:
    """`unfulfilled`: there are no shipping events yet."""
    return FulfilmentStatus.UNFULFILLED
