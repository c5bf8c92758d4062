"""What is to be done about the order's money, so far as its ledger says it.

It is taken from the ledger with every event of the order, and kept for what is heard in between.
"""

from datetime import datetime
from typing import Final

from app.domain.payment.balance import Balance, balance
from app.domain.payment.movements import capturing_of, is_voiding, open_of
from app.domain.payment.settlement import awaited, to_refund, to_void
from app.domain.payment.state import EMPTY, Payment
from app.domain.processes.known import Known
from app.domain.processes.state import Awaiting, Held, Money, Repaying

PAYMENT: Final = "checkout-"  # what the ids of the checkout's payments begin with


def money_of(order: Known, before: Money, now: datetime) -> Money:
    """Return what is to be done about the order's money."""
    if order.ledger == EMPTY and not order.owed.proposed:
        total = order.owed.total
        return Money(lacking=0 if order.confirmed else total, covered=not total)
    owed, ledger = order.owed, order.ledger
    sums = balance(owed, ledger)
    ours = [payment for payment in ledger.payments if payment.payment_id.startswith(PAYMENT)]
    since = {each.what: each.since for each in before.awaited}
    return Money(
        lacking=_lacking(order, sums),
        covered=sums.open + sums.capturing + sums.kept - sums.unmoved >= sums.need + owed.proposed,
        payments=len(ours),
        declined=any(payment.declined and payment.authorized is None for payment in ours),
        held=_held(order, sums),
        repaying=tuple(
            [
                Repaying(
                    capture_id=each.capture_id,
                    amount=each.amount,
                    failures=_failures(ledger.payments, each.capture_id),
                )
                for each in (to_refund(owed, ledger) if sums.due else ())
            ]
        ),
        awaited=tuple(
            [
                Awaiting(what=what, since=since.get(what, now))
                for what in [f"{each.movement} {each.id} of {each.payment_id}" for each in awaited(ledger)]
            ]
        ),
    )


def _lacking(order: Known, sums: Balance) -> int:
    """What may still be authorised: see the rule of authorize-payment. Once confirmed, an amendment at most."""
    owed = order.owed
    if order.ended or (order.confirmed and not owed.proposed):
        return 0
    return max(0, sums.need + sums.unmoved + owed.proposed - sums.kept - sums.held)


def _held(order: Known, sums: Balance) -> tuple[Held, ...]:
    # The settlement reckons the balance again: not where it can only find nothing, as for most orders most of the time.
    voids = to_void(order.owed, order.ledger) if order.ended or sums.kept >= sums.need else ()
    asked = order.asked
    taking = asked is not None and asked.capture == "at-confirmation" and order.confirmed and not order.ended
    due = sums.need + sums.unmoved - sums.kept - sums.capturing if taking else 0
    held = []
    for payment in order.ledger.payments:
        amount = open_of(payment)
        if not amount:
            continue
        idle = not capturing_of(payment) and not is_voiding(payment)
        take = max(0, min(amount, due)) if idle else 0
        due -= take
        held.append(
            Held(
                payment_id=payment.payment_id,
                until=payment.expires_at,
                to_capture=take,
                idle=idle,
                to_void=payment.payment_id in voids,
                captures=len(payment.captures),
                failures=sum([each.failed for each in payment.captures]),
                voids=payment.void_attempts,
            )
        )
    return tuple(held)


def _failures(payments: tuple[Payment, ...], capture_id: str) -> int:
    return sum(
        [
            refund.failed or refund.reversed
            for payment in payments
            for refund in payment.refunds
            if refund.capture_id == capture_id
        ]
    )
