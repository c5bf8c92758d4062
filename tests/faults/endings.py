"""How a run is brought to its end: what must be said so that every order with a whole life is at rest.

What did not leave is cancelled, what left is paid for, and the provider outside answers what it was asked. Follows from
the events alone, by the product's own rules.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from app.domain.order.evolver import evolve
from app.domain.order.owed import owed
from app.domain.payment.balance import balance
from app.domain.payment.movements import open_of
from app.domain.payment.settlement import Movement, awaited
from app.wire.contracts import ORDERS
from tests.faults.lives import LIFE, OUTSIDE
from tests.faults.workload import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.domain.order.state import Order
    from app.domain.payment.settlement import Awaited
    from tests.faults.history import Seen

NOW = "2026-01-06T09:00:00Z"
ANSWERS = {
    Movement.AUTHORIZATION: "record-payment-declined.v1",
    Movement.CAPTURE: "record-payment-captured.v1",
    Movement.VOID: "record-payment-voided.v1",
    Movement.REFUND: "record-refund-succeeded.v1",
}


def endings(events: Iterable[Seen]) -> Iterator[Message]:
    """Return what is to be said next, about each order that is not at rest."""
    for order in _orders(events).values():
        for number, (kind, data) in enumerate(_ending(order)):
            name = f"command-end-{order.order_id}-{order.version}-{number}"
            body = {
                "specversion": "1.0",
                "id": name,
                "source": "/faults",
                "type": kind,
                "subject": order.order_id,
                "data": data,
            }
            yield Message(name, order.order_id.encode(), json.dumps(body).encode())


def _orders(events: Iterable[Seen]) -> dict[str, Order]:
    orders: dict[str, Order] = {}
    for seen in events:
        if (seen.key or b"").startswith(LIFE.encode()):
            event = ORDERS.decode_event(seen.value or b"")
            orders[event.subject] = evolve(orders.get(event.subject), event.data, event.subject)
    return orders


def _ending(order: Order) -> Iterator[tuple[str, dict[str, Any]]]:
    for movement in awaited(order.payments):
        provider = next(
            each.provider for each in order.payments.payments if each.payment_id == movement.payment_id
        )
        if provider == OUTSIDE:
            yield ANSWERS[movement.movement], _answer(movement)
            return
    if order.ended:
        return
    left = [
        {"line_id": line.line_id, "quantity": line.quantity - cancelled - units.shipped}
        for line, cancelled, units in zip(
            order.facts.lines, order.all_cancelled, order.all_units, strict=True
        )
        if line.quantity > cancelled + units.shipped
    ]
    if left:
        if order.shipments:
            yield "cancel-lines.v1", {"lines": left, "reason": "closing-down"}
        else:
            yield "cancel-order.v1", {"reason": "closing-down"}
        return
    now = balance(owed(order), order.payments)
    missing = now.need + now.unmoved - now.kept - now.capturing
    for payment in order.payments.payments:
        amount = min(missing, open_of(payment))
        if amount > 0:
            capture = {
                "capture_id": f"end-{order.version}",
                "payment_id": payment.payment_id,
                "amount": amount,
            }
            yield "capture-payment.v1", {**capture, "at": NOW}
            return


def _answer(movement: Awaited) -> dict[str, Any]:
    data: dict[str, Any] = {"payment_id": movement.payment_id}
    if movement.movement is Movement.CAPTURE:
        data |= {"capture_id": movement.id, "amount": movement.amount}
    if movement.movement is Movement.REFUND:
        data |= {"refund_id": movement.id, "amount": movement.amount}
    return data
