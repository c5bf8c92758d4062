"""Rules of taking money: authorise, capture, void."""

from app.domain.payment import commands, events
from app.domain.payment.balance import balance
from app.domain.payment.movements import captured_of, capturing_of, is_voiding, open_of
from app.domain.payment.state import Capture, Ledger, Owed, Payment
from app.domain.refused import Code, Refused


def authorize(
    owed: Owed, ledger: Ledger, command: commands.AuthorizePayment
) -> tuple[events.PaymentEvent, ...]:
    known = next((each for each in ledger.payments if each.payment_id == command.payment_id), None)
    if known is not None:
        amount = known.authorized if known.requested is None else known.requested
        same = amount == command.amount and known.provider in ("", command.provider)
        if same and known.method in ("", command.method):
            return ()
        raise Refused(Code.PAYMENT_ID_REUSED, f"payment {command.payment_id} is another one of {amount}")
    _require_standing(owed)
    now = balance(owed, ledger)
    room = now.need + now.unmoved + owed.proposed - now.kept - now.held
    if command.amount > room:
        raise Refused(Code.PAYMENT_EXCEEDS_ORDER, f"{command.amount} to authorise, {max(0, room)} is open")
    return (
        events.PaymentAuthorizationRequested(
            payment_id=command.payment_id,
            amount=command.amount,
            currency=owed.currency,
            exponent=owed.exponent,
            provider=command.provider,
            method=command.method,
            expires_at=command.expires_at,
        ),
    )


def capture(owed: Owed, ledger: Ledger, command: commands.CapturePayment) -> tuple[events.PaymentEvent, ...]:
    found = find_capture(ledger, command.capture_id)
    if found is not None:
        payment, known = found
        amount = known.captured if known.requested is None else known.requested
        if payment.payment_id == command.payment_id and amount == command.amount:
            return ()
        raise Refused(Code.CAPTURE_ID_REUSED, f"capture {command.capture_id} is another one of {amount}")
    payment = _require_payment(ledger, command.payment_id)
    _require_standing(owed)
    _require_open(payment, command)
    now = balance(owed, ledger)
    room = now.need + now.unmoved - now.kept - now.capturing
    if command.amount > room:
        raise Refused(Code.PAYMENT_EXCEEDS_ORDER, f"{command.amount} to capture, {max(0, room)} is owed")
    return (
        events.PaymentCaptureRequested(
            payment_id=payment.payment_id,
            capture_id=command.capture_id,
            amount=command.amount,
            currency=owed.currency,
            exponent=owed.exponent,
            provider=payment.provider,
            reference=reference(payment),
        ),
    )


def void(_owed: Owed, ledger: Ledger, command: commands.VoidPayment) -> tuple[events.PaymentEvent, ...]:
    payment = _require_payment(ledger, command.payment_id)
    if payment.voided or payment.expired or is_voiding(payment):
        return ()
    if payment.authorized is None:
        if payment.declined:
            return ()
        raise Refused(Code.PAYMENT_NOT_AUTHORIZED, f"payment {payment.payment_id} has no answer yet")
    if capturing_of(payment):
        raise Refused(Code.CAPTURE_PENDING, f"a capture of payment {payment.payment_id} has no answer yet")
    if captured_of(payment) >= payment.authorized:
        raise Refused(Code.PAYMENT_CAPTURED, f"payment {payment.payment_id} was captured: refund it")
    return (
        events.PaymentVoidRequested(
            payment_id=payment.payment_id,
            attempt=payment.void_attempts + 1,
            provider=payment.provider,
            reference=reference(payment),
            reason=command.reason,
        ),
    )


def find_capture(ledger: Ledger, capture_id: str) -> tuple[Payment, Capture] | None:
    """Return a capture and its payment."""
    for payment in ledger.payments:
        for each in payment.captures:
            if each.capture_id == capture_id:
                return payment, each
    return None


def reference(payment: Payment) -> str | None:
    """Return the provider's own id of a payment. One that we did not ask for has no other."""
    if payment.reference:
        return payment.reference
    return payment.payment_id if payment.requested is None else None


def _require_open(payment: Payment, command: commands.CapturePayment) -> None:
    if payment.authorized is None:
        raise Refused(Code.PAYMENT_NOT_AUTHORIZED, f"payment {payment.payment_id} is not authorised")
    if payment.voided or is_voiding(payment):
        raise Refused(Code.PAYMENT_VOIDED, f"payment {payment.payment_id} was voided, or is about to be")
    if payment.expired or (payment.expires_at is not None and command.at >= payment.expires_at):
        raise Refused(Code.AUTHORIZATION_EXPIRED, f"payment {payment.payment_id} is held no longer")
    if command.amount > open_of(payment):
        raise Refused(
            Code.CAPTURE_EXCEEDS_AUTHORIZED,
            f"{command.amount} to capture, {open_of(payment)} of payment {payment.payment_id} is open",
        )


def _require_payment(ledger: Ledger, payment_id: str) -> Payment:
    for payment in ledger.payments:
        if payment.payment_id == payment_id:
            return payment
    raise Refused(Code.PAYMENT_UNKNOWN, f"no payment {payment_id} in this order")


def _require_standing(owed: Owed) -> None:
    if not owed.placed:
        raise Refused(Code.ORDER_UNKNOWN, "no order with this id was placed")
    if owed.ended:
        raise Refused(Code.ORDER_ENDED, "the order was cancelled or has expired: nothing is to be paid")
