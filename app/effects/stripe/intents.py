"""How the API's PaymentIntent is read, by answers and by webhooks alike: both must tell one capture by one id."""

from datetime import UTC, datetime
from typing import Any, Final

from app.domain.payment import commands

NAME: Final = "stripe"
Document = dict[str, Any]


def taken(payment_id: str, intent: Document) -> commands.RecordPaymentCaptured:
    """Return that an intent was captured: by our capture in its metadata, or by one made without us."""
    charge = charge_of(intent)
    return commands.RecordPaymentCaptured(
        payment_id=payment_id,
        capture_id=ours(intent).get("capture_id") or charge or intent["id"],
        amount=int(intent["amount_received"]),
        provider=NAME,
        reference=charge,
    )


def freed(payment_id: str, intent: Document) -> tuple[commands.RecordPaymentVoided, ...]:
    """Return that the rest is free: a capture that is done lets go what it did not take."""
    if int(intent["amount_received"]) < int(intent["amount"]) and not intent.get("amount_capturable"):
        return (commands.RecordPaymentVoided(payment_id=payment_id, provider=NAME),)
    return ()


def capture_before(intent: Document) -> datetime | None:
    """Return until when an intent can be captured, where its charge was expanded and says so."""
    charge = intent.get("latest_charge")
    if not isinstance(charge, dict):
        return None
    card = (charge.get("payment_method_details") or {}).get("card") or {}
    before = card.get("capture_before")
    return datetime.fromtimestamp(before, UTC) if before else None


def charge_of(intent: Document) -> str | None:
    charge = intent.get("latest_charge")
    return charge.get("id") if isinstance(charge, dict) else charge


def ours(document: Document) -> Document:
    """Return what we wrote into a document's metadata."""
    return document.get("metadata") or {}
