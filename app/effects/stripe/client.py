"""The client of the API: one HTTP request a call, with its key, repeated while nobody knows what became of it.

An answer that is lost is asked for again under the same key, and the API gives the first answer again. Two things
end that: an error of the API is kept under the key like any answer, and keys are forgotten after a day. So where
repeating fails, and where a call is made again late, `found` looks the movement up by our ids instead.
"""

from collections.abc import Mapping
from typing import Final, Self
from urllib.parse import urlencode

import aiohttp
import msgspec
from yarl import URL

from app.effects.calls import Authorize, Call, Capture, Refund, Void
from app.effects.provider import Denied, Facts, Unavailable, failed
from app.effects.stripe import answers
from app.effects.stripe.answers import Again
from app.effects.stripe.intents import NAME, Document, ours
from app.effects.stripe.patience import Patience, Patient
from app.effects.stripe.requests import Request, decimals, intent_path, look_up, request_of, search

API: Final = "https://api.stripe.com"
VERSION: Final = "2024-06-20"  # of the API; its answers are read as this version writes them
_decode: Final = msgspec.json.Decoder(dict[str, object]).decode


class Stripe:
    """The API as a provider. Use it as a context, or close it."""

    def __init__(self, secret: str, api: str = API, patience: Patience | None = None) -> None:
        patience = patience or Patience()
        self._api = api.rstrip("/")
        self._patient = Patient(NAME, patience)
        self._session = aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {secret}", "Stripe-Version": VERSION},
            timeout=aiohttp.ClientTimeout(total=patience.answer, connect=patience.connect),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._session.close()

    async def authorize(self, call: Authorize) -> Facts:
        if call.exponent != decimals(call.currency):
            return (failed(call, "exponent-unsupported", f"{call.currency} with {call.exponent} decimals"),)
        return await self._perform(call, "")

    async def capture(self, call: Capture) -> Facts:
        return await self._with_intent(call)

    async def void(self, call: Void) -> Facts:
        return await self._with_intent(call)

    async def refund(self, call: Refund) -> Facts:
        return await self._with_intent(call)

    async def found(self, call: Call) -> Facts | None:
        """Return what became of a call that was made before; `()`: it is under way; None: nothing shows it."""
        intent = await self._intent(call)
        if not intent:
            return None
        status, body = await self._ask(look_up(call, intent))
        return answers.found(call, body) if status < 300 else None  # noqa: PLR2004 - HTTP's: done

    async def ids_of(self, intent: str) -> tuple[str, str] | None:
        """Return order and payment of an intent, for a notice that does not say it. None: it is not of us."""
        status, body = await self._ask(Request(method="GET", path=intent_path(intent)))
        written = ours(body) if status < 300 else {}  # noqa: PLR2004 - HTTP's: done
        if "order_id" in written and "payment_id" in written:
            return written["order_id"], written["payment_id"]
        return None

    async def _with_intent(self, call: Capture | Void | Refund) -> Facts:
        intent = await self._intent(call)
        if not intent:
            return (failed(call, "payment-not-found", "the provider has no payment with our ids"),)
        return await self._perform(call, intent)

    async def _perform(self, call: Call, intent: str) -> Facts:
        try:
            status, body = await self._ask(request_of(call, intent))
        except Denied:
            raise  # it was not even looked at
        except Unavailable as lost:
            facts = await self._after(lost, call)
            if facts is None:
                raise
            return facts
        return answers.facts_of(call, status, body)

    async def _after(self, lost: Unavailable, call: Call) -> Facts | None:
        try:
            return await self.found(call)
        except Unavailable:
            raise lost from None  # that says more about the call

    async def _intent(self, call: Call) -> str:
        reference = None if isinstance(call, Authorize) else call.reference
        if reference:
            return reference
        status, body = await self._ask(search(call))
        data = body.get("data") if status < 300 else None  # noqa: PLR2004 - HTTP's: done
        return str(data[0]["id"]) if data else ""

    async def _ask(self, request: Request) -> tuple[int, Document]:
        return await self._patient.repeat(lambda: self._once(request))

    async def _once(self, request: Request) -> tuple[int, Document]:
        """Make a request. Raises `Again`, `Denied` or `Misused` where its answer does not settle it."""
        headers = {"Idempotency-Key": request.key} if request.key else {}
        form = urlencode(request.form)
        try:
            if request.method == "GET":
                answering = self._session.get(self._url(request.path, form), headers=headers)
            else:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
                answering = self._session.post(self._url(request.path), data=form.encode(), headers=headers)
            async with answering as answer:
                body, status, named = await answer.read(), answer.status, _lower(answer.headers)
        except (aiohttp.ClientError, TimeoutError) as lost:
            raise Again(f"no answer: {type(lost).__name__}") from lost
        try:
            document: Document = _decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as wrong:  # a gateway in between answers as it likes
            raise Again(f"{status} without a document") from wrong
        answers.check(status, named, document)
        return status, document

    def _url(self, path: str, query: str = "") -> URL:
        """Return a URL as it is written: yarl would take some of its escapes away."""
        return URL(f"{self._api}{path}{query and '?'}{query}", encoded=True)


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
