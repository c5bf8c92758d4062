"""What the API tells by itself: is it really the API (`verify`), about which payment (`notice_of`), which facts.

Pure: the moment comes in, and nothing is looked up. A notice may come twice, late and out of order; its facts join
the ledger in any order, and `command_ids` names their commands after the notice, so that the same one is one command.
"""

import hashlib
import hmac
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from app.domain.payment import commands
from app.effects.provider import Facts
from app.effects.stripe.intents import NAME, Document, capture_before, freed, ours, taken

TOLERANCE: Final = 300  # seconds between the API's clock and ours, as the vendor's own libraries have it


class Unsigned(Exception):  # noqa: N818 - said by its name
    """The request does not come from the API, or it comes again long after."""


class Notice(Struct, frozen=True, kw_only=True):
    """What was told of a payment. `order_id`, `payment_id`: None where the document does not carry our ids.

    Then they are in the metadata of the intent, which can be asked for. A payment that has none was never ours.
    """

    event_id: str
    type: str
    intent: str
    order_id: str | None
    payment_id: str | None
    created: float  # when it happened: seconds since 1970
    document: Document


def verify(signature: str, body: bytes, secret: str, now: float, tolerance: float = TOLERANCE) -> None:
    """Raise `Unsigned` unless a signature (header Stripe-Signature) is the secret's, of this body, and fresh."""
    parts = [part.partition("=") for part in signature.split(",")]
    times = [value for name, _, value in parts if name.strip() == "t"]
    signatures = [value for name, _, value in parts if name.strip() == "v1"]
    if len(times) != 1 or not times[0].isdecimal() or not signatures:
        raise Unsigned("the signature has no time or no v1")
    expected = hmac.new(secret.encode(), f"{times[0]}.".encode() + body, hashlib.sha256).hexdigest()
    # While a secret is being changed there is one signature for each.
    if not any(hmac.compare_digest(expected.encode(), each.encode()) for each in signatures):
        raise Unsigned("no signature is that of the body")
    if abs(now - int(times[0])) > tolerance:
        raise Unsigned(f"signed {now - int(times[0]):.0f} s ago")


def notice_of(event: Document) -> Notice | None:
    """Return what an event of the API tells of a payment, None where it is about something else."""
    document = event["data"]["object"]
    if event["type"] not in TOLD:
        return None
    intent = document["id"] if document.get("object") == "payment_intent" else document.get("payment_intent")
    if not intent:
        return None
    return Notice(
        event_id=event["id"],
        type=event["type"],
        intent=intent,
        order_id=ours(document).get("order_id"),
        payment_id=ours(document).get("payment_id"),
        created=float(event["created"]),
        document=document,
    )


def facts_of_notice(notice: Notice, payment_id: str) -> Facts:
    """Return the facts of a notice about this payment of ours."""
    return TOLD[notice.type](notice.document, payment_id)


def command_ids(notice: Notice, facts: Facts) -> list[str]:
    """Return the ids of the commands that tell these facts: provider and event, as the duplicates have them."""
    return [f"{NAME}/{notice.event_id}/{number}" for number in range(len(facts))]


def _held(intent: Document, payment_id: str) -> Facts:
    if intent.get("status") != "requires_capture":
        return ()
    return (
        commands.RecordPaymentAuthorized(
            payment_id=payment_id,
            amount=int(intent["amount"]),
            provider=NAME,
            reference=intent["id"],
            expires_at=capture_before(intent),
        ),
    )


def _captured(intent: Document, payment_id: str) -> Facts:
    return (taken(payment_id, intent), *freed(payment_id, intent))


def _declined(intent: Document, payment_id: str) -> Facts:
    error = intent.get("last_payment_error") or {}
    code = error.get("decline_code") or error.get("code") or ""
    return (commands.RecordPaymentDeclined(payment_id=payment_id, code=code),)


def _canceled(intent: Document, payment_id: str) -> Facts:
    if intent.get("cancellation_reason") == "automatic":  # nobody captured in time
        return (commands.RecordAuthorizationExpired(payment_id=payment_id),)
    return (commands.RecordPaymentVoided(payment_id=payment_id, provider=NAME),)


def _refund(refund: Document, payment_id: str) -> Facts:
    refund_id = ours(refund).get("refund_id") or refund["id"]
    match refund.get("status"):
        case "succeeded":
            return (
                commands.RecordRefundSucceeded(
                    payment_id=payment_id,
                    refund_id=refund_id,
                    amount=int(refund["amount"]),
                    capture_id=ours(refund).get("capture_id"),
                    provider=NAME,
                    reference=refund["id"],
                ),
            )
        case "failed" | "canceled" as status:
            code = str(refund.get("failure_reason") or status)
            failed = commands.RecordRefundFailed(payment_id=payment_id, refund_id=refund_id, code=code)
            if not refund.get("failure_balance_transaction"):
                return (failed,)
            # The money had left and came back, so that "succeeded" was told or is still to be told.
            back = commands.RecordRefundReversed(payment_id=payment_id, refund_id=refund_id, code=code)
            return (failed, back)
        case _:
            return ()


def _disputed(dispute: Document, payment_id: str) -> Facts:
    if str(dispute.get("status", "")).startswith("warning"):  # an inquiry takes no money
        return ()
    return (
        commands.RecordDisputeOpened(
            payment_id=payment_id,
            dispute_id=dispute["id"],
            amount=int(dispute["amount"]),
            reason=str(dispute.get("reason") or ""),
            provider=NAME,
        ),
    )


def _won(dispute: Document, payment_id: str) -> Facts:
    return (commands.RecordChargebackReversed(payment_id=payment_id, dispute_id=dispute["id"]),)


def _closed(dispute: Document, payment_id: str) -> Facts:
    return _won(dispute, payment_id) if dispute.get("status") == "won" else ()


TOLD: Final[dict[str, Callable[[Document, str], Facts]]] = {
    "payment_intent.amount_capturable_updated": _held,
    "payment_intent.succeeded": _captured,
    "payment_intent.payment_failed": _declined,
    "payment_intent.canceled": _canceled,
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "charge.refund.updated": _refund,
    "charge.dispute.created": _disputed,
    "charge.dispute.funds_withdrawn": _disputed,
    "charge.dispute.funds_reinstated": _won,
    "charge.dispute.closed": _closed,
}
