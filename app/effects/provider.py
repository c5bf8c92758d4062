"""What a payment provider must be able to do, and how a call reaches the right method."""

from typing import Protocol

from app.domain.payment import commands
from app.domain.payment.commands import ProviderFact
from app.effects.calls import Authorize, Call, Capture, Refund, Void

Facts = tuple[ProviderFact, ...]


class Provider(Protocol):
    """Does what a call asks, at most once for its key, and returns what it then knows.

    `()`: it has taken the call and will tell later (a webhook). Raises `Unavailable` where nobody knows what became
    of the call: it must be made again, with the same key.
    """

    async def authorize(self, call: Authorize) -> Facts: ...

    async def capture(self, call: Capture) -> Facts: ...

    async def void(self, call: Void) -> Facts: ...

    async def refund(self, call: Refund) -> Facts: ...


class Unavailable(Exception):  # noqa: N818 - said by its name
    """The call had no answer that settles it. It is no failure of the payment: nothing is recorded."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after  # seconds that the provider asks us to wait


class Denied(Unavailable):
    """The provider does not let us in: a wrong key, or one that may not do this. What is asked waits until it may."""


async def perform(provider: Provider, call: Call) -> Facts:
    """Have a call done. Raises `Unavailable`."""
    match call:
        case Authorize():
            return await provider.authorize(call)
        case Capture():
            return await provider.capture(call)
        case Void():
            return await provider.void(call)
        case Refund():
            return await provider.refund(call)


def failed(call: Call, code: str, detail: str = "") -> ProviderFact:
    """Return the fact that a provider will never do what a call asks."""
    match call:
        case Authorize():
            return commands.RecordPaymentDeclined(payment_id=call.payment_id, code=code, detail=detail)
        case Capture():
            return commands.RecordCaptureFailed(
                payment_id=call.payment_id, capture_id=call.capture_id, code=code, detail=detail
            )
        case Void():
            return commands.RecordVoidFailed(
                payment_id=call.payment_id, attempt=call.attempt, code=code, detail=detail
            )
        case Refund():
            return commands.RecordRefundFailed(
                payment_id=call.payment_id, refund_id=call.refund_id, code=code, detail=detail
            )
