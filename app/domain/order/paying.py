"""Payments of an order: the ledger's own rules (app/domain/payment), on the order's stream and version."""

from typing import Final

from msgspec.structs import replace

from app.domain.order.owed import owed
from app.domain.order.standing import known, require_room
from app.domain.order.state import Order
from app.domain.payment import decider, evolver
from app.domain.payment.commands import (
    AuthorizePayment,
    CapturePayment,
    GrantRefund,
    PaymentCommand,
    RefundPayment,
)
from app.domain.payment.events import PaymentEvent

# What is asked and makes the row longer. A void adds nothing to it, and a fact is taken whatever the room.
_LENGTHENING: Final = frozenset({AuthorizePayment, CapturePayment, GrantRefund, RefundPayment})


def pay(order: Order | None, command: PaymentCommand) -> tuple[PaymentEvent, ...]:
    order = known(order)
    happened = decider.decide(owed(order), order.payments, command)
    if happened and type(command) in _LENGTHENING:
        after = order
        for event in happened:
            after = paid(after, event, order.order_id)
        require_room(after)
    return happened


def paid(order: Order, event: PaymentEvent, _order_id: str) -> Order:
    return replace(order, version=order.version + 1, payments=evolver.evolve(order.payments, event))
