"""The status of an order's payment, and of each of its payments, derived: docs/domain-payment.md has the tables."""

from enum import StrEnum

from app.domain.payment.balance import Balance, balance
from app.domain.payment.movements import captured_of, open_of, refunded_of
from app.domain.payment.state import Ledger, Owed, Payment


class PaymentStatus(StrEnum):
    """What of an order was paid."""

    NONE = "none"
    PARTIALLY_AUTHORISED = "partially-authorised"
    AUTHORISED = "authorised"
    PARTIALLY_PAID = "partially-paid"
    PAID = "paid"
    OVERCHARGED = "overcharged"
    PARTIALLY_REFUNDED = "partially-refunded"
    REFUNDED = "refunded"
    VOIDED = "voided"
    DISPUTED = "disputed"


def payment_status(owed: Owed, ledger: Ledger) -> PaymentStatus:
    """Return the first that is true, from the top of the table."""
    if not ledger.payments:
        return PaymentStatus.NONE
    now = balance(owed, ledger)
    if now.disputed:
        return PaymentStatus.DISPUTED
    if now.captured:
        return _of_captured(now)
    authorised = now.open + now.capturing
    if authorised:
        return PaymentStatus.AUTHORISED if authorised >= now.need else PaymentStatus.PARTIALLY_AUTHORISED
    voided = any(payment.voided for payment in ledger.payments)
    return PaymentStatus.VOIDED if voided else PaymentStatus.NONE


def _of_captured(now: Balance) -> PaymentStatus:
    if now.refunded >= now.captured:
        return PaymentStatus.REFUNDED
    if now.captured - now.refunded > now.need:
        return PaymentStatus.OVERCHARGED
    if now.refunded:
        return PaymentStatus.PARTIALLY_REFUNDED
    return PaymentStatus.PAID if now.captured == now.need else PaymentStatus.PARTIALLY_PAID


class MovementStatus(StrEnum):
    """What became of one payment."""

    REQUESTED = "requested"
    AUTHORISED = "authorised"
    PARTIALLY_CAPTURED = "partially-captured"
    CAPTURED = "captured"
    REFUNDED = "refunded"
    VOIDED = "voided"
    EXPIRED = "expired"
    DECLINED = "declined"


def movement_status(payment: Payment) -> MovementStatus:
    """Return the first that is true, from the top of the table. Money that moved outweighs all that did not."""
    captured = captured_of(payment)
    if captured:
        if sum([refunded_of(refund) for refund in payment.refunds]) >= captured:
            return MovementStatus.REFUNDED
        return MovementStatus.PARTIALLY_CAPTURED if open_of(payment) else MovementStatus.CAPTURED
    if payment.voided:
        return MovementStatus.VOIDED
    if payment.expired:
        return MovementStatus.EXPIRED
    if payment.authorized is not None:
        return MovementStatus.AUTHORISED
    return MovementStatus.DECLINED if payment.declined else MovementStatus.REQUESTED
