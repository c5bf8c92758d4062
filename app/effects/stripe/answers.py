"""What the API's answers say, as facts. Pure: the documents come in decoded, and nothing is looked up.

Four kinds of answers are told apart: facts, `Again` (ask again, with the same key), `Denied` (ask again when somebody
has set the credentials right) and `Misused` (a defect of ours, which no repetition mends).
"""

from typing import Final

from app.domain.payment import commands
from app.effects.calls import Authorize, Call, Capture, Refund, Void
from app.effects.provider import Denied, Facts, failed
from app.effects.stripe.intents import NAME, Document, capture_before, freed, ours, taken

_ASK_AGAIN: Final = frozenset({408, 409, 425, 429})
_DENIED: Final = frozenset({401, 403})
_LATER: Final = 30.0  # seconds: somebody must see it and set a key, so there is no hurry


class Again(Exception):  # noqa: N818 - said by its name
    """The answer settles nothing. `busy`: the API is well and wants us slower. `after`: seconds to wait."""

    def __init__(self, reason: str, *, busy: bool = False, after: float | None = None) -> None:
        super().__init__(reason)
        self.busy = busy
        self.after = after


class Misused(Exception):  # noqa: N818 - said by its name
    """The API refuses us, not the payment: the key of this request was used for another one."""


def check(status: int, headers: dict[str, str], body: Document) -> None:
    """Raise `Again`, `Denied` or `Misused` unless the answer settles the call. Names of headers in lower case."""
    error = body.get("error") or {}
    said = f"{status} {error.get('code') or error.get('type') or ''}".strip()
    again = headers.get("stripe-should-retry")
    if status in _DENIED:
        message = error.get("message", "")
        raise Denied(f"{NAME} refuses our key, look at STRIPE_API_KEY: {said}: {message}", _LATER)
    if error.get("type") == "idempotency_error":
        raise Misused(f"{said}: {error.get('message', '')}")
    if status in _ASK_AGAIN or again == "true":
        raise Again(said, busy=True, after=_seconds(headers.get("retry-after")))
    if status >= 500:  # noqa: PLR2004 - HTTP's: the server's fault
        raise Again(said, after=_seconds(headers.get("retry-after")))


def facts_of(call: Call, status: int, body: Document) -> Facts:
    """Return what an answer says that has passed `check`."""
    if status < 300:  # noqa: PLR2004 - HTTP's: done
        return of_refund(call, body) if isinstance(call, Refund) else of_intent(call, body)
    error = body.get("error") or {}
    intent = error.get("payment_intent")
    if error.get("code") == "payment_intent_unexpected_state" and intent and not isinstance(call, Refund):
        known = of_intent(call, intent)
        if known:
            return known
    code = error.get("decline_code") or error.get("code") or error.get("type") or str(status)
    return (failed(call, str(code)[:500], str(error.get("message", ""))[:500]),)


def of_intent(call: Authorize | Capture | Void, intent: Document) -> Facts:
    """Return what the state of a payment says about a call. `()`: nothing yet, a webhook will tell."""
    match call:
        case Authorize():
            return _authorized(call, intent)
        case Capture():
            return _captured(call, intent)
        case Void():
            return _voided(call, intent)


def of_refund(call: Refund, refund: Document) -> Facts:
    """Return what a refund says. `()`: it is pending, a webhook will tell."""
    match refund.get("status"):
        case "succeeded":
            return (
                commands.RecordRefundSucceeded(
                    payment_id=call.payment_id,
                    refund_id=call.refund_id,
                    amount=int(refund["amount"]),
                    capture_id=call.capture_id,
                    provider=NAME,
                    reference=refund["id"],
                ),
            )
        case "failed" | "canceled" as status:
            return (failed(call, str(refund.get("failure_reason") or status)),)
        case _:
            return ()


def found(call: Call, body: Document) -> Facts | None:
    """Return what a look-up says about a call. `()`: it is under way. None: nothing shows that it was ever made.

    The two must differ: a call that is under way must not be made again under a key that the API has forgotten.
    """
    if isinstance(call, Refund):
        for refund in body.get("data", ()):
            if ours(refund).get("refund_id") == call.refund_id:
                return of_refund(call, refund)
        return None
    facts = of_intent(call, body)
    under_way = isinstance(call, Authorize) or body.get("status") == "processing"
    return facts or (() if under_way else None)


def _authorized(call: Authorize, intent: Document) -> Facts:
    match intent.get("status"):
        case "requires_capture" | "succeeded":
            return (
                commands.RecordPaymentAuthorized(
                    payment_id=call.payment_id,
                    amount=int(intent["amount"]),
                    provider=NAME,
                    method=call.method,
                    reference=intent["id"],
                    expires_at=capture_before(intent),
                ),
            )
        case "canceled":
            return (failed(call, str(intent.get("cancellation_reason") or "canceled")),)
        case "requires_payment_method" if call.method:
            error = intent.get("last_payment_error") or {}
            return (failed(call, str(error.get("code") or "requires_payment_method")),)
        case _:
            return ()


def _captured(call: Capture, intent: Document) -> Facts:
    match intent.get("status"):
        case "succeeded":
            capture = taken(call.payment_id, intent)
            if capture.capture_id != call.capture_id:
                return (failed(call, "captured_by_another"), capture)
            return (capture, *freed(call.payment_id, intent))
        case "canceled":
            gone = commands.RecordPaymentVoided(payment_id=call.payment_id, provider=NAME)
            return (failed(call, "payment_intent_canceled"), gone)
        case _:
            return ()


def _voided(call: Void, intent: Document) -> Facts:
    match intent.get("status"):
        case "canceled":
            return (commands.RecordPaymentVoided(payment_id=call.payment_id, provider=NAME),)
        case "succeeded":
            rest = freed(call.payment_id, intent) or (failed(call, "payment_intent_captured"),)
            return (*rest, taken(call.payment_id, intent))
        case _:
            return ()


def _seconds(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None  # a date: our own pause will do
