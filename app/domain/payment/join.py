"""What is known, joined with what comes in: idempotent, commutative, associative.

That is why a provider may say things late, twice and in any order: an amount only grows, a yes stays a yes, and
every list is sorted. Where a provider contradicts itself, the greater amount counts, in every order.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from app.domain.payment.state import Capture, Dispute, Payment, Refund

Item = TypeVar("Item")


def payment(a: Payment, b: Payment) -> Payment:
    """Join what is known of one payment. Both have its id."""
    return Payment(
        payment_id=a.payment_id,
        provider=max(a.provider, b.provider),
        method=max(a.method, b.method),
        reference=max(a.reference, b.reference),
        requested=_most(a.requested, b.requested),
        authorized=_most(a.authorized, b.authorized),
        expires_at=_latest(a.expires_at, b.expires_at),
        declined=a.declined or b.declined,
        expired=a.expired or b.expired,
        void_attempts=max(a.void_attempts, b.void_attempts),
        void_failures=max(a.void_failures, b.void_failures),
        voided=a.voided or b.voided,
        captures=by_id(a.captures, b.captures, lambda each: each.capture_id, capture),
        refunds=by_id(a.refunds, b.refunds, lambda each: each.refund_id, refund),
        disputes=by_id(a.disputes, b.disputes, lambda each: each.dispute_id, dispute),
    )


def capture(a: Capture, b: Capture) -> Capture:
    return Capture(
        capture_id=a.capture_id,
        requested=_most(a.requested, b.requested),
        captured=_most(a.captured, b.captured),
        failed=a.failed or b.failed,
        reference=max(a.reference, b.reference),
    )


def refund(a: Refund, b: Refund) -> Refund:
    """Join what is known of one refund. What it grants is ours to say, and said once: with `asked`."""
    ours = a if a.asked is not None else b
    return Refund(
        refund_id=a.refund_id,
        capture_id=max(a.capture_id, b.capture_id),
        requested=ours.requested,
        asked=ours.asked,
        of_grants=ours.of_grants,
        lines=ours.lines,
        shipping=ours.shipping,
        other=ours.other,
        refunded=_most(a.refunded, b.refunded),
        failed=a.failed or b.failed,
        reversed=a.reversed or b.reversed,
        reference=max(a.reference, b.reference),
    )


def dispute(a: Dispute, b: Dispute) -> Dispute:
    return Dispute(dispute_id=a.dispute_id, amount=max(a.amount, b.amount), reversed=a.reversed or b.reversed)


def by_id(
    a: tuple[Item, ...], b: tuple[Item, ...], id_of: Callable[[Item], str], join: Callable[[Item, Item], Item]
) -> tuple[Item, ...]:
    """Join two sets, sorted by their ids."""
    joined = {id_of(each): each for each in a}
    for each in b:
        key = id_of(each)
        joined[key] = join(joined[key], each) if key in joined else each
    return tuple([joined[key] for key in sorted(joined)])


def _most(a: int | None, b: int | None) -> int | None:
    if a is None or b is None:
        return b if a is None else a
    return max(a, b)


def _latest(a: datetime | None, b: datetime | None) -> datetime | None:
    if a is None or b is None:
        return b if a is None else a
    return max(a, b)
