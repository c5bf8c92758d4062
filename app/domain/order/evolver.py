"""How an order changes by what happened to it. Never refuses: a fact is a fact."""

from collections.abc import Callable, Iterable
from typing import Any

from app.domain.order.events import OrderCancelled, OrderEvent, OrderLinesCancelled, OrderPlaced
from app.domain.order.state import Order


def evolve(order: Order | None, event: OrderEvent, order_id: str) -> Order:
    """Return the order after `event`, one version later. `order_id`: the subject of the event's envelope."""
    return EVOLVE[type(event)](order, event, order_id)


def fold(order_id: str, events: Iterable[OrderEvent], order: Order | None = None) -> Order | None:
    """Return the order after `events`, starting from `order`."""
    for event in events:
        order = evolve(order, event, order_id)
    return order


def _placed(_nothing: None, event: OrderPlaced, order_id: str) -> Order:
    return Order(order_id=order_id, version=1, facts=event.facts)


def _lines_cancelled(order: Order, event: OrderLinesCancelled, _order_id: str) -> Order:
    lines = order.facts.lines
    cancelled = list(order.cancelled) or [0] * len(lines)
    taken = {line.line_id: line.quantity for line in event.lines}
    for i, line in enumerate(lines):
        if line.line_id in taken:
            cancelled[i] += taken[line.line_id]
    return Order(
        order_id=order.order_id,
        version=order.version + 1,
        facts=order.facts,
        cancelled=tuple(cancelled),
        cancelled_amount=order.cancelled_amount + event.amount,
    )


def _cancelled(order: Order, event: OrderCancelled, _order_id: str) -> Order:
    return Order(
        order_id=order.order_id,
        version=order.version + 1,
        facts=order.facts,
        cancelled=tuple([line.quantity for line in order.facts.lines]),
        cancelled_amount=order.cancelled_amount + event.amount,
    )


EVOLVE: dict[type, Callable[[Any, Any, str], Order]] = {
    OrderPlaced: _placed,
    OrderLinesCancelled: _lines_cancelled,
    OrderCancelled: _cancelled,
}
