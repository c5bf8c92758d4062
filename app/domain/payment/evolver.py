"""How a ledger changes by what happened: each event is a small piece of knowledge that joins the rest."""

from collections.abc import Callable, Iterable
from typing import Any

from app.domain.payment import events, join
from app.domain.payment.state import Capture, Dispute, Grant, Ledger, Payment, Refund


def evolve(ledger: Ledger, event: events.PaymentEvent) -> Ledger:
    """Return the ledger after `event`. Never refuses: a fact is a fact."""
    if isinstance(event, events.RefundGranted):
        return _granted(ledger, event)
    known = LEARN[type(event)](event)
    payments = join.by_id(ledger.payments, (known,), lambda each: each.payment_id, join.payment)
    return Ledger(payments=payments, grants=ledger.grants)


def fold(happened: Iterable[events.PaymentEvent], ledger: Ledger) -> Ledger:
    """Return the ledger after all of them."""
    for event in happened:
        ledger = evolve(ledger, event)
    return ledger


def _granted(ledger: Ledger, event: events.RefundGranted) -> Ledger:
    grant = Grant(
        grant_id=event.grant_id,
        asked=event.asked,
        lines=event.lines,
        shipping=event.shipping,
        other=event.other,
        fee=event.fee,
        amount=event.amount,
    )
    return Ledger(payments=ledger.payments, grants=(*ledger.grants, grant))


def _authorization_requested(event: events.PaymentAuthorizationRequested) -> Payment:
    return Payment(
        payment_id=event.payment_id, provider=event.provider, method=event.method, requested=event.amount
    )


def _capture_requested(event: events.PaymentCaptureRequested) -> Payment:
    asked = Capture(capture_id=event.capture_id, requested=event.amount)
    return Payment(payment_id=event.payment_id, captures=(asked,))


def _void_requested(event: events.PaymentVoidRequested) -> Payment:
    return Payment(payment_id=event.payment_id, void_attempts=event.attempt)


def _refund_requested(event: events.RefundRequested) -> Payment:
    asked = Refund(
        refund_id=event.refund_id,
        capture_id=event.capture_id,
        requested=event.amount,
        asked=event.asked,
        of_grants=event.of_grants,
        lines=event.lines,
        shipping=event.shipping,
        other=event.other,
    )
    return Payment(payment_id=event.payment_id, refunds=(asked,))


def _authorized(event: events.PaymentAuthorized) -> Payment:
    return Payment(
        payment_id=event.payment_id,
        provider=event.provider or "",
        method=event.method,
        reference=event.reference or "",
        authorized=event.amount,
        expires_at=event.expires_at,
    )


def _declined(event: events.PaymentDeclined) -> Payment:
    return Payment(payment_id=event.payment_id, declined=True)


def _captured(event: events.PaymentCaptured) -> Payment:
    capture = Capture(capture_id=event.capture_id, captured=event.amount, reference=event.reference or "")
    return Payment(payment_id=event.payment_id, provider=event.provider or "", captures=(capture,))


def _capture_failed(event: events.PaymentCaptureFailed) -> Payment:
    return Payment(payment_id=event.payment_id, captures=(Capture(capture_id=event.capture_id, failed=True),))


def _voided(event: events.PaymentVoided) -> Payment:
    return Payment(payment_id=event.payment_id, provider=event.provider or "", voided=True)


def _void_failed(event: events.PaymentVoidFailed) -> Payment:
    return Payment(payment_id=event.payment_id, void_attempts=event.attempt, void_failures=event.attempt)


def _refund_succeeded(event: events.RefundSucceeded) -> Payment:
    refund = Refund(
        refund_id=event.refund_id,
        capture_id=event.capture_id or "",
        refunded=event.amount,
        reference=event.reference or "",
    )
    return Payment(payment_id=event.payment_id, provider=event.provider or "", refunds=(refund,))


def _refund_failed(event: events.RefundFailed) -> Payment:
    return Payment(payment_id=event.payment_id, refunds=(Refund(refund_id=event.refund_id, failed=True),))


def _refund_reversed(event: events.RefundReversed) -> Payment:
    return Payment(payment_id=event.payment_id, refunds=(Refund(refund_id=event.refund_id, reversed=True),))


def _expired(event: events.AuthorizationExpired) -> Payment:
    return Payment(payment_id=event.payment_id, expired=True)


def _disputed(event: events.DisputeOpened) -> Payment:
    dispute = Dispute(dispute_id=event.dispute_id, amount=event.amount)
    return Payment(payment_id=event.payment_id, provider=event.provider or "", disputes=(dispute,))


def _dispute_won(event: events.ChargebackReversed) -> Payment:
    return Payment(
        payment_id=event.payment_id, disputes=(Dispute(dispute_id=event.dispute_id, reversed=True),)
    )


LEARN: dict[type, Callable[[Any], Payment]] = {
    events.PaymentAuthorizationRequested: _authorization_requested,
    events.PaymentCaptureRequested: _capture_requested,
    events.PaymentVoidRequested: _void_requested,
    events.RefundRequested: _refund_requested,
    events.PaymentAuthorized: _authorized,
    events.PaymentDeclined: _declined,
    events.PaymentCaptured: _captured,
    events.PaymentCaptureFailed: _capture_failed,
    events.PaymentVoided: _voided,
    events.PaymentVoidFailed: _void_failed,
    events.RefundSucceeded: _refund_succeeded,
    events.RefundFailed: _refund_failed,
    events.RefundReversed: _refund_reversed,
    events.AuthorizationExpired: _expired,
    events.DisputeOpened: _disputed,
    events.ChargebackReversed: _dispute_won,
}
