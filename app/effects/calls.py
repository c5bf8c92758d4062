"""What a provider is asked to do. `call_of` makes it from the ledger's event, and from nothing else."""

from datetime import datetime

from msgspec import Struct

from app.domain.payment import events
from app.effects.keys import provider_key


class Authorize(Struct, frozen=True, kw_only=True):
    """Hold `amount`, in minor units of `currency` with `exponent` decimal digits."""

    key: str
    provider: str
    order_id: str
    payment_id: str
    amount: int
    currency: str
    exponent: int
    method: str
    expires_at: datetime | None


class Capture(Struct, frozen=True, kw_only=True):
    """Take `amount` of what is held. `reference`: the provider's own id of the payment."""

    key: str
    provider: str
    order_id: str
    payment_id: str
    capture_id: str
    amount: int
    currency: str
    exponent: int
    reference: str | None


class Void(Struct, frozen=True, kw_only=True):
    """Let go what is held."""

    key: str
    provider: str
    order_id: str
    payment_id: str
    attempt: int
    reference: str | None


class Refund(Struct, frozen=True, kw_only=True):
    """Give `amount` of a capture back."""

    key: str
    provider: str
    order_id: str
    payment_id: str
    capture_id: str
    refund_id: str
    amount: int
    currency: str
    exponent: int
    reference: str | None


Call = Authorize | Capture | Void | Refund


def call_of(order_id: str, event: events.PaymentEvent) -> Call | None:
    """Return what an event of an order's ledger asks of a provider, or None: it asks nothing."""
    match event:
        case events.PaymentAuthorizationRequested():
            return Authorize(
                key=provider_key("authorize", order_id, event.payment_id),
                provider=event.provider,
                order_id=order_id,
                payment_id=event.payment_id,
                amount=event.amount,
                currency=event.currency,
                exponent=event.exponent,
                method=event.method,
                expires_at=event.expires_at,
            )
        case events.PaymentCaptureRequested():
            return Capture(
                key=provider_key("capture", order_id, event.payment_id, event.capture_id),
                provider=event.provider,
                order_id=order_id,
                payment_id=event.payment_id,
                capture_id=event.capture_id,
                amount=event.amount,
                currency=event.currency,
                exponent=event.exponent,
                reference=event.reference,
            )
        case events.PaymentVoidRequested():
            return Void(
                key=provider_key("void", order_id, event.payment_id, str(event.attempt)),
                provider=event.provider,
                order_id=order_id,
                payment_id=event.payment_id,
                attempt=event.attempt,
                reference=event.reference,
            )
        case events.RefundRequested():
            return Refund(
                key=provider_key("refund", order_id, event.refund_id),
                provider=event.provider,
                order_id=order_id,
                payment_id=event.payment_id,
                capture_id=event.capture_id,
                refund_id=event.refund_id,
                amount=event.amount,
                currency=event.currency,
                exponent=event.exponent,
                reference=event.reference,
            )
        case _:
            return None
