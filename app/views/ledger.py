"""What a reader gets of the ledger of an order: every movement of its money, what was promised, and what it comes to.

The order's own answer has the same totals, with less of each payment: order_payments.py.
"""

from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec import Struct

from app.domain.order.owed import owed
from app.domain.order.state import Order
from app.domain.order.statuses import PaymentStatus, payment_status
from app.domain.payment.balance import Balance, balance
from app.domain.payment.events import Part
from app.domain.payment.movements import captured_of, room_of
from app.domain.payment.settlement import Movement, awaited
from app.domain.payment.state import Capture, Dispute, Grant, Payment, Refund
from app.domain.payment.statuses import MovementStatus, movement_status


class Outcome(StrEnum):
    """What became of a capture or a refund."""

    REQUESTED = "requested"
    DONE = "done"
    FAILED = "failed"
    REVERSED = "reversed"


class WholePart(Part, frozen=True, kw_only=True, gc=False, omit_defaults=False):
    pass


class WholeBalance(Balance, frozen=True, kw_only=True, gc=False, omit_defaults=False):
    pass


class CaptureAnswer(Struct, frozen=True, kw_only=True, gc=False):
    """A capture. `refundable`: what of it could still go back."""

    capture_id: str
    status: Outcome
    requested: int | None
    captured: int | None
    refundable: int
    reference: str


class RefundAnswer(Struct, frozen=True, kw_only=True, gc=False):
    """A refund, and what it is for: `of_grants` of promises made before, and what it grants by itself."""

    refund_id: str
    capture_id: str
    status: Outcome
    requested: int | None
    refunded: int | None
    of_grants: int
    lines: tuple[WholePart, ...]
    shipping: int
    other: int
    reference: str


class DisputeAnswer(Struct, frozen=True, kw_only=True, gc=False):
    dispute_id: str
    amount: int
    reversed: bool


class PaymentEntry(Struct, frozen=True, kw_only=True, gc=False):
    """One authorisation, with all that followed of it."""

    payment_id: str
    provider: str
    method: str
    reference: str
    status: MovementStatus
    requested: int | None
    authorized: int | None
    expires_at: datetime | None
    captured: int
    void_attempts: int
    captures: tuple[CaptureAnswer, ...]
    refunds: tuple[RefundAnswer, ...]
    disputes: tuple[DisputeAnswer, ...]


class GrantEntry(Struct, frozen=True, kw_only=True, gc=False):
    """A promise: `amount` = `lines` + `shipping` + `other` - `fee`."""

    grant_id: str
    amount: int
    lines: tuple[WholePart, ...]
    shipping: int
    other: int
    fee: int


class AwaitedAnswer(Struct, frozen=True, kw_only=True, gc=False):
    """A movement that a provider has not answered."""

    movement: Movement
    payment_id: str
    id: str
    amount: int


class LedgerAnswer(Struct, frozen=True, kw_only=True, gc=False):
    """The ledger of an order at a version of it."""

    order_id: str
    version: int
    currency: str
    exponent: int
    status: PaymentStatus
    balance: WholeBalance
    payments: tuple[PaymentEntry, ...]
    grants: tuple[GrantEntry, ...]
    awaited: tuple[AwaitedAnswer, ...]


def ledger_answer(order: Order) -> LedgerAnswer:
    """Return all of an order's money."""
    ledger = order.payments
    now = balance(owed(order), ledger)
    return LedgerAnswer(
        order_id=order.order_id,
        version=order.version,
        currency=order.facts.currency,
        exponent=order.facts.exponent,
        status=payment_status(order),
        balance=msgspec.convert(now, WholeBalance, from_attributes=True),
        payments=tuple([_payment(each) for each in ledger.payments]),
        grants=tuple([_grant(each) for each in ledger.grants]),
        awaited=msgspec.convert(awaited(ledger), tuple[AwaitedAnswer, ...], from_attributes=True),
    )


def _payment(payment: Payment) -> PaymentEntry:
    return PaymentEntry(
        payment_id=payment.payment_id,
        provider=payment.provider,
        method=payment.method,
        reference=payment.reference,
        status=movement_status(payment),
        requested=payment.requested,
        authorized=payment.authorized,
        expires_at=payment.expires_at,
        captured=captured_of(payment),
        void_attempts=payment.void_attempts,
        captures=tuple([_capture(payment, each) for each in payment.captures]),
        refunds=tuple([_refund(each) for each in payment.refunds]),
        disputes=tuple([_dispute(each) for each in payment.disputes]),
    )


def _capture(payment: Payment, capture: Capture) -> CaptureAnswer:
    return CaptureAnswer(
        capture_id=capture.capture_id,
        status=_status(capture.captured, failed=capture.failed),
        requested=capture.requested,
        captured=capture.captured,
        refundable=room_of(payment, capture),
        reference=capture.reference,
    )


def _refund(refund: Refund) -> RefundAnswer:
    return RefundAnswer(
        refund_id=refund.refund_id,
        capture_id=refund.capture_id,
        status=Outcome.REVERSED if refund.reversed else _status(refund.refunded, failed=refund.failed),
        requested=refund.requested,
        refunded=refund.refunded,
        of_grants=refund.of_grants,
        lines=_parts(refund.lines),
        shipping=refund.shipping,
        other=refund.other,
        reference=refund.reference,
    )


def _status(done: int | None, *, failed: bool) -> Outcome:
    """That it failed says nothing once it succeeded."""
    if done is not None:
        return Outcome.DONE
    return Outcome.FAILED if failed else Outcome.REQUESTED


def _dispute(dispute: Dispute) -> DisputeAnswer:
    return DisputeAnswer(dispute_id=dispute.dispute_id, amount=dispute.amount, reversed=dispute.reversed)


def _grant(grant: Grant) -> GrantEntry:
    return GrantEntry(
        grant_id=grant.grant_id,
        amount=grant.amount,
        lines=_parts(grant.lines),
        shipping=grant.shipping,
        other=grant.other,
        fee=grant.fee,
    )


def _parts(lines: tuple[Part, ...]) -> tuple[WholePart, ...]:
    return msgspec.convert(lines, tuple[WholePart, ...], from_attributes=True)
