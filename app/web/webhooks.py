"""What payment providers tell by themselves: signed requests, whose facts become commands.

The answer is 2xx only when Kafka has the commands, so that a provider repeats what we could not keep. A notice that
comes twice, on whichever worker, is the same commands under the same ids; notices in any order are one ledger.

A fact about an order that is not known would be refused, and that outcome would be its last. So the owner of the order
is asked first: it knows orders before they can be told of, because the command comes behind that which placed it. Until
then the provider repeats the notice, and at last it is kept as a dead letter.
"""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import msgspec
from aiohttp import web

from app.effects.provider import Unavailable
from app.effects.stripe.answers import Misused
from app.effects.stripe.client import Stripe
from app.effects.stripe.patience import Patience
from app.effects.stripe.webhooks import Notice, Unsigned, command_ids, facts_of_notice, notice_of, verify
from app.lane.declare import Undecodable
from app.topics import DEAD_LETTERS, ORDER_COMMANDS
from app.web.problem import NOT_SET_UP, NOT_SIGNED, ORDER_AWAITED, PROVIDER_SILENT, UNREADABLE_BODY, Problem
from app.web.refusals import refused
from app.wire.contracts import ORDERS
from app.wire.ids import fault
from app.wire.types import COMMAND_HEADERS
from tables.orders import ORDERS as PLACED

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.lane.turn import Output
    from app.settings import Settings
    from app.web.producing import Producing
    from app.web.routing import Router

SOURCE: Final = "/webhooks/stripe"
# A provider waits some ten seconds for our answer, and comes again: better late then than too late now.
HASTE: Final = Patience(connect=2.0, answer=3.0, attempts=2, longest_pause=1.0)
# The provider gives up after three days, and the vendor's test mode sooner.
INSIST: Final = 2 * 24 * 3600.0  # seconds after which an order that is still unknown is no longer waited for

log = logging.getLogger(__name__)
_decode: Final = msgspec.json.Decoder(dict[str, Any]).decode


def routes(server: web.Application, router: Router, producing: Producing, settings: Settings) -> None:
    """Serve `POST /webhooks/stripe`. Not by Faust: its views answer HEAD wherever they answer anything."""
    stripe = StripeIntake(router, producing, settings)
    server.cleanup_ctx.append(stripe.connection)
    server.router.add_post(SOURCE, stripe.answer)


class StripeIntake:
    """Takes notices of Stripe's API."""

    def __init__(self, router: Router, producing: Producing, settings: Settings) -> None:
        self._router = router
        self._producing = producing
        self._settings = settings
        self._secret = settings.stripe_webhook_secret.get_secret_value()
        self._stripe: Stripe | None = None

    async def connection(self, _: web.Application) -> AsyncIterator[None]:
        """Have a client, if its credentials are set, for notices that do not say of which order they are."""
        key = self._settings.stripe_api_key.get_secret_value()
        if not key:
            yield
            return
        async with Stripe(key, self._settings.stripe_url, HASTE) as self._stripe:
            yield

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a request: 204 when its facts are kept, or when they are none of ours. Raises `Problem`."""
        if not self._secret:
            raise Problem(NOT_SET_UP, "STRIPE_WEBHOOK_SECRET is not set", headers={"Retry-After": "60"})
        body = await request.read()
        try:
            verify(
                request.headers.get("Stripe-Signature", ""),
                body,
                self._secret,
                time.time(),
                self._settings.stripe_webhook_tolerance,
            )
        except Unsigned as wrong:
            raise Problem(NOT_SIGNED, str(wrong)) from wrong
        notice = _notice(body)
        ids = await self._ids(notice) if notice else None
        if notice and ids:
            commands = _commands(notice, *ids)
            if commands and not await self._known(ids[0]):
                await self._await_order(request, body, notice, ids[0])
            else:
                await self._producing.send(ORDER_COMMANDS, commands)
        return web.Response(status=204, headers={"Cache-Control": "no-store"})

    async def _known(self, order_id: str) -> bool:
        """Whether there is an order. Of what is no id, too: its command is a dead letter of the worker's."""
        if fault(order_id) is not None:
            return True
        return await self._router.knows(order_id.encode(), PLACED, f"/orders/{quote(order_id, safe='')}")

    async def _await_order(self, request: web.Request, body: bytes, notice: Notice, order_id: str) -> None:
        """Have the notice repeated, for as long as its order may come. Raises `Problem` until then."""
        wrong = Undecodable("order-unknown", f"{notice.event_id}: no order {order_id} was placed")
        if time.time() - notice.created < INSIST:
            raise Problem(ORDER_AWAITED, str(wrong), headers={"Retry-After": "60"})
        log.error("a payment fact is a dead letter: %s", wrong)
        await self._producing.send(DEAD_LETTERS, [refused(request, body, wrong, self._settings)])

    async def _ids(self, notice: Notice) -> tuple[str, str] | None:
        """Return order and payment of a notice. None: the payment is not of us."""
        if notice.order_id and notice.payment_id:
            return notice.order_id, notice.payment_id
        if self._stripe is None:
            raise Problem(
                NOT_SET_UP,
                f"{notice.event_id} does not name its order, and STRIPE_API_KEY, to ask for it, is not set",
                headers={"Retry-After": "60"},
            )
        try:
            return await self._stripe.ids_of(notice.intent)
        except (Unavailable, Misused) as wrong:
            log.warning("%s: the order of payment %s: %s", notice.event_id, notice.intent, wrong)
            raise Problem(
                PROVIDER_SILENT, f"payment {notice.intent}: {wrong}", headers={"Retry-After": "5"}
            ) from wrong


def _notice(body: bytes) -> Notice | None:
    try:
        return notice_of(_decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as wrong:
        raise Problem(UNREADABLE_BODY, f"not an event of the API: {wrong!r}") from wrong


def _commands(notice: Notice, order_id: str, payment_id: str) -> list[Output]:
    """Return the records that tell a notice's facts. What no command can be is a dead letter of the worker's."""
    now = datetime.now(UTC)
    try:
        facts = facts_of_notice(notice, payment_id)
        return [
            (
                order_id.encode(),
                ORDERS.encode_command(id=command_id, subject=order_id, data=fact, time=now, source=SOURCE),
                COMMAND_HEADERS,
            )
            for command_id, fact in zip(command_ids(notice, facts), facts, strict=True)
        ]
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise Problem(UNREADABLE_BODY, f"{notice.event_id}, {notice.type}: {wrong!r}") from wrong
