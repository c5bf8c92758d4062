"""Payments of an order: the ledger's own rules (app/domain/payment), on the order's stream and version."""

from msgspec.structs import replace

from app.domain.order.owed import owed
from app.domain.order.standing import known
from app.domain.order.state import Order
from app.domain.payment import decider, evolver
from app.domain.payment.commands import PaymentCommand
from app.domain.payment.events import PaymentEvent


def pay(order: Order | None, command: PaymentCommand) -> tuple[PaymentEvent, ...]:
    order = known(order)
    return decider.decide(owed(order), order.payments, command)


def paid(order: Order, event: PaymentEvent, _order_id: str) -> Order:
    return replace(order, version=order.version + 1, payments=evolver.evolve(order.payments, event))
