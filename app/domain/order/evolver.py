"""How an order changes by what happened to it. Never refuses: a fact is a fact."""

from collections.abc import Callable, Iterable
from typing import Any, get_args

from app.domain.order import amending, cancelling, events, fulfilling, paying, placing, returning, standing
from app.domain.order.state import Order
from app.domain.payment.events import PaymentEvent


def evolve(order: Order | None, event: events.OrderEvent, order_id: str) -> Order:
    """Return the order after `event`, one version later. `order_id`: the subject of the event's envelope."""
    return EVOLVE[type(event)](order, event, order_id)


def fold(order_id: str, happened: Iterable[events.OrderEvent], order: Order | None = None) -> Order | None:
    """Return the order after all of them, starting from `order`."""
    for event in happened:
        order = evolve(order, event, order_id)
    return order


EVOLVE: dict[type, Callable[[Any, Any, str], Order]] = {
    events.OrderPlaced: placing.placed,
    events.OrderLinesCancelled: cancelling.lines_cancelled,
    events.OrderCancelled: cancelling.cancelled,
    events.OrderConfirmed: standing.confirmed,
    events.OrderExpired: cancelling.expired,
    events.ShippingAddressChanged: standing.address_changed,
    events.AmendmentProposed: amending.proposed,
    events.AmendmentConfirmed: amending.confirmed,
    events.AmendmentRejected: amending.rejected,
    events.OrderHeld: standing.held,
    events.OrderReleased: standing.released,
    events.ReservationRecorded: fulfilling.reservation_recorded,
    events.ReservationReleased: fulfilling.reservation_released,
    events.OrderShipped: fulfilling.shipped,
    events.TrackingUpdated: fulfilling.tracking_updated,
    events.DeliveryConfirmed: fulfilling.delivered,
    events.ReturnAdvised: returning.advised,
    events.ReturnWithdrawn: returning.withdrawn,
    events.ReturnReceiptRecorded: returning.received,
    events.NoteAdded: standing.noted,
    events.OrderClosed: standing.closed,
    **dict.fromkeys(get_args(PaymentEvent), paying.paid),
}
