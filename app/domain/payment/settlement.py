"""What is to be done about an order's money, derived: what to void, what to pay back, what has no answer yet.

When an order has ended, each amount that is held is to be voided, each amount that was captured to be refunded:
for a payment that was captured whole or not at all that is one of the two. A capture or void under way is waited
for. A process that does what these say and looks again after each answer ends with nothing left to do.
"""

from enum import StrEnum

from msgspec import Struct

from app.domain.payment.balance import balance
from app.domain.payment.movements import (
    capturing_of,
    is_authorizing,
    is_capturing,
    is_refunding,
    is_voiding,
    kept_of,
    open_of,
    room_of,
)
from app.domain.payment.state import Ledger, Owed


class Repayment(Struct, frozen=True, kw_only=True, gc=False):
    """An amount of one capture that is to go back."""

    payment_id: str
    capture_id: str
    amount: int


class Movement(StrEnum):
    """What can be under way."""

    AUTHORIZATION = "authorization"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


class Awaited(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A movement without an answer. `id` is that of the payment, capture or refund, of a void its attempt."""

    movement: Movement
    payment_id: str
    id: str
    amount: int


def to_void(owed: Owed, ledger: Ledger) -> tuple[str, ...]:
    """Return the payments that hold what nobody will capture: the order has ended, or is paid without them."""
    if not owed.ended:
        now = balance(owed, ledger)
        if not owed.placed or owed.proposed or now.kept - now.unmoved < now.need:
            return ()
    return tuple(
        payment.payment_id
        for payment in ledger.payments
        if open_of(payment) and not capturing_of(payment) and not is_voiding(payment)
    )


def to_refund(owed: Owed, ledger: Ledger) -> tuple[Repayment, ...]:
    """Return what is owed back and not under way, on the captures that have room for it."""
    due = balance(owed, ledger).due
    repayments = []
    for payment in ledger.payments:
        kept = kept_of(payment)
        for capture in payment.captures:
            amount = min(due, kept, room_of(payment, capture))
            if amount > 0:
                due -= amount
                kept -= amount
                repayments.append(
                    Repayment(payment_id=payment.payment_id, capture_id=capture.capture_id, amount=amount)
                )
    return tuple(repayments)


def awaited(ledger: Ledger) -> tuple[Awaited, ...]:
    """Return every movement that was asked for and has no answer."""
    waiting = []
    for payment in ledger.payments:
        of_payment = []
        if is_authorizing(payment):
            of_payment.append((Movement.AUTHORIZATION, payment.payment_id, payment.requested))
        if is_voiding(payment):
            of_payment.append((Movement.VOID, str(payment.void_attempts), open_of(payment)))
        of_payment += [
            (Movement.CAPTURE, capture.capture_id, capture.requested)
            for capture in payment.captures
            if is_capturing(capture)
        ]
        of_payment += [
            (Movement.REFUND, refund.refund_id, refund.requested)
            for refund in payment.refunds
            if is_refunding(refund)
        ]
        waiting += [
            Awaited(movement=movement, payment_id=payment.payment_id, id=id_, amount=amount or 0)
            for movement, id_, amount in of_payment
        ]
    return tuple(waiting)
