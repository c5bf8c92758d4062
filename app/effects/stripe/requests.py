"""The HTTP requests that calls become: method, path, form. Pure.

A payment is a PaymentIntent with manual capture. Our ids travel in its metadata, so that webhooks and look-ups find
the way back.
"""

from typing import Final
from urllib.parse import quote

from msgspec import Struct

from app.effects.calls import Authorize, Call, Capture, Refund, Void

Form = tuple[tuple[str, str], ...]

# https://docs.stripe.com/currencies: amounts are in the smallest unit, which is not ISO 4217's everywhere.
ZERO_DECIMAL: Final = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF")
)
THREE_DECIMAL: Final = frozenset(("BHD", "JOD", "KWD", "OMR", "TND"))


class Request(Struct, frozen=True, kw_only=True):
    """`key` is the Idempotency-Key; a request that only reads has none."""

    method: str
    path: str
    form: Form = ()
    key: str | None = None


def decimals(currency: str) -> int:
    """Return how many decimal digits the API's smallest unit of a currency has."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def intent_path(intent: str) -> str:
    """Return where a payment is. Its id may hold anything, and stays one step of the path."""
    return f"/v1/payment_intents/{quote(intent, safe='')}"


def request_of(call: Call, intent: str) -> Request:
    """Return the request that does what a call asks. `intent`: the API's id of the payment, "" where it has none."""
    match call:
        case Authorize():
            return _authorize(call)
        case Capture():
            return Request(
                method="POST",
                path=f"{intent_path(intent)}/capture",
                form=(
                    ("amount_to_capture", str(call.amount)),
                    ("metadata[capture_id]", call.capture_id),
                    ("expand[]", "latest_charge"),
                ),
                key=call.key,
            )
        case Void():
            return Request(
                method="POST",
                path=f"{intent_path(intent)}/cancel",
                form=(("expand[]", "latest_charge"),),
                key=call.key,
            )
        case Refund():
            return Request(
                method="POST",
                path="/v1/refunds",
                form=(
                    ("payment_intent", intent),
                    ("amount", str(call.amount)),
                    ("metadata[order_id]", call.order_id),
                    ("metadata[payment_id]", call.payment_id),
                    ("metadata[capture_id]", call.capture_id),
                    ("metadata[refund_id]", call.refund_id),
                ),
                key=call.key,
            )


def look_up(call: Call, intent: str) -> Request:
    """Return the request that finds out what became of a call."""
    if isinstance(call, Refund):
        return Request(method="GET", path="/v1/refunds", form=(("payment_intent", intent), ("limit", "100")))
    return Request(method="GET", path=intent_path(intent), form=(("expand[]", "latest_charge"),))


def search(call: Call) -> Request:
    """Return the request that finds a payment by our ids. The API's index is up to a minute late."""
    payment, order = _quoted(call.payment_id), _quoted(call.order_id)
    return Request(
        method="GET",
        path="/v1/payment_intents/search",
        form=(("query", f"metadata['payment_id']:'{payment}' AND metadata['order_id']:'{order}'"),),
    )


def _authorize(call: Authorize) -> Request:
    form = [
        ("amount", str(call.amount)),
        ("currency", call.currency.lower()),
        ("capture_method", "manual"),
        ("metadata[order_id]", call.order_id),
        ("metadata[payment_id]", call.payment_id),
        ("expand[]", "latest_charge"),
        ("automatic_payment_methods[enabled]", "true"),
    ]
    if call.method:
        form += [
            ("payment_method", call.method),
            ("confirm", "true"),
            # Nobody is there to be sent to another page while an agent confirms.
            ("automatic_payment_methods[allow_redirects]", "never"),
        ]
    return Request(method="POST", path="/v1/payment_intents", form=tuple(form), key=call.key)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
