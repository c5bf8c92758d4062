"""The house account: a provider inside this system, so that a shop runs without an outside one.

It keeps no memory: the ledger that asks has checked every call, so each call has one answer, which is a function of
the call. `entry` books it: each is balanced, so the trial balance is 0 after every call.
"""

from typing import Any, Final

from msgspec import Struct

from app.domain.payment import commands, events
from app.domain.payment.commands import ProviderFact
from app.effects.calls import Authorize, Call, Capture, Refund, Void
from app.effects.provider import Facts, failed

NAME: Final = "house"
NO_FUNDS: Final = "no-funds"  # a `method` that is always declined, to show what happens then


class Leg(Struct, frozen=True, kw_only=True):
    """A part of an entry: positive is a debit, negative a credit."""

    account: str
    amount: int


_ASKING: Final = frozenset(
    {
        events.PaymentAuthorizationRequested,
        events.PaymentCaptureRequested,
        events.PaymentVoidRequested,
        events.RefundRequested,
    }
)


def is_asked(event: Any) -> bool:
    """Return whether an event of an order asks something of the house account."""
    return type(event) in _ASKING and event.provider == NAME


def answer(call: Call) -> Facts:
    """Return what the house account says to a call."""
    match call:
        case Authorize(method=method) if method == NO_FUNDS:
            return (failed(call, "insufficient-funds"),)
        case Authorize():
            return (
                commands.RecordPaymentAuthorized(
                    payment_id=call.payment_id,
                    amount=call.amount,
                    provider=NAME,
                    method=call.method,
                    reference=call.key,
                    expires_at=call.expires_at,
                ),
            )
        case Capture():
            return (
                commands.RecordPaymentCaptured(
                    payment_id=call.payment_id,
                    capture_id=call.capture_id,
                    amount=call.amount,
                    provider=NAME,
                    reference=call.key,
                ),
            )
        case Void():
            return (commands.RecordPaymentVoided(payment_id=call.payment_id, provider=NAME),)
        case Refund():
            return (
                commands.RecordRefundSucceeded(
                    payment_id=call.payment_id,
                    refund_id=call.refund_id,
                    amount=call.amount,
                    capture_id=call.capture_id,
                    provider=NAME,
                    reference=call.key,
                ),
            )


def entry(order_id: str, fact: ProviderFact, held: int = 0) -> tuple[Leg, ...]:
    """Return the legs that book a fact. `held`: what a void lets go; their sum is always 0."""
    customer, holds, shop = f"customer/{order_id}", f"holds/{order_id}", "shop"
    match fact:
        case commands.RecordPaymentAuthorized(amount=amount):
            return _move(amount, customer, holds)
        case commands.RecordPaymentCaptured(amount=amount):
            return _move(amount, holds, shop)
        case commands.RecordPaymentVoided():
            return _move(held, holds, customer)
        case commands.RecordRefundSucceeded(amount=amount):
            return _move(amount, shop, customer)
        case _:
            return ()


class HouseAccount:
    """The house account as a provider."""

    async def authorize(self, call: Authorize) -> Facts:
        return answer(call)

    async def capture(self, call: Capture) -> Facts:
        return answer(call)

    async def void(self, call: Void) -> Facts:
        return answer(call)

    async def refund(self, call: Refund) -> Facts:
        return answer(call)


def _move(amount: int, from_: str, to: str) -> tuple[Leg, ...]:
    return (Leg(account=to, amount=amount), Leg(account=from_, amount=-amount)) if amount else ()
