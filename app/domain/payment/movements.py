"""What one payment holds, took and gave back, derived from what is known of it."""

from app.domain.payment.state import Capture, Payment, Refund


def held_of(payment: Payment) -> int:
    """What a payment holds or is about to hold, beyond what is captured. A void under way holds nothing."""
    pending = capturing_of(payment)
    if not payment.voided and not payment.expired and not is_voiding(payment):
        if payment.authorized is not None:
            return max(pending, payment.authorized - captured_of(payment))
        if payment.requested is not None and not payment.declined:
            return max(pending, payment.requested - captured_of(payment))
    return pending


def open_of(payment: Payment) -> int:
    """What of an authorisation could still be captured, or must be voided."""
    if payment.authorized is None or payment.voided or payment.expired:
        return 0
    return max(0, payment.authorized - captured_of(payment) - capturing_of(payment))


def captured_of(payment: Payment) -> int:
    return sum([capture.captured or 0 for capture in payment.captures])


def capturing_of(payment: Payment) -> int:
    """What was asked of captures that have no answer."""
    return sum([capture.requested or 0 for capture in payment.captures if is_capturing(capture)])


def disputed_of(payment: Payment) -> int:
    return sum([dispute.amount for dispute in payment.disputes if not dispute.reversed])


def room_of(payment: Payment, capture: Capture) -> int:
    """What of a capture can still go back."""
    spent = sum([spent_of(each) for each in payment.refunds if each.capture_id == capture.capture_id])
    return max(0, min((capture.captured or 0) - spent, kept_of(payment)))


def kept_of(payment: Payment) -> int:
    """What of a payment is ours. A refund or dispute of no known capture takes from all of its captures."""
    return captured_of(payment) - disputed_of(payment) - sum([spent_of(each) for each in payment.refunds])


def spent_of(refund: Refund) -> int:
    return refunded_of(refund) + refunding_of(refund)


def refunded_of(refund: Refund) -> int:
    """What went back and stayed there. That a refund failed says nothing once it succeeded."""
    return 0 if refund.reversed else refund.refunded or 0


def refunding_of(refund: Refund) -> int:
    """What is about to go back: it counts as spent until it fails."""
    return refund.requested or 0 if is_refunding(refund) else 0


def is_refunding(refund: Refund) -> bool:
    """True while a refund that we asked for has no answer."""
    answered = refund.refunded is not None or refund.failed or refund.reversed
    return refund.requested is not None and not answered


def counts(refund: Refund) -> bool:
    """True for what went back or is about to: what it grants is granted."""
    return is_refunding(refund) or (refund.refunded is not None and not refund.reversed)


def is_capturing(capture: Capture) -> bool:
    """True while a capture that we asked for has no answer. That it failed says nothing once it succeeded."""
    return capture.requested is not None and capture.captured is None and not capture.failed


def is_voiding(payment: Payment) -> bool:
    """True while the last attempt to void has no answer."""
    return payment.void_attempts > payment.void_failures and not payment.voided and not payment.expired


def is_authorizing(payment: Payment) -> bool:
    """True while an authorisation that we asked for has no answer. Whoever captures has authorised."""
    answered = payment.authorized is not None or payment.declined or payment.voided or payment.expired
    return payment.requested is not None and not answered and not captured_of(payment)
