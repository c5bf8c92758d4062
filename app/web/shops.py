"""Orders that shops send by webhook: a signed request becomes a command, or a refusal that is kept.

An answer of 2xx says that nothing can be lost any more: Kafka has the command; or it has the refusal, with the bytes
as they came, among the dead letters; or there was nothing in it for us. Whatever else happens, the shop sends it
again, and an order that comes again is the same command under the same id.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec
from aiohttp import web

from app.intake import shopify, woocommerce
from app.intake.refusing import Unfit
from app.intake.shop import Shop
from app.lane.declare import Record, Undecodable
from app.topics import DEAD_LETTERS, ORDER_COMMANDS
from app.web.problem import NOT_SET_UP, NOT_SIGNED, Problem
from app.web.refusals import refused
from app.wire.contracts import ORDERS
from app.wire.types import COMMAND_HEADERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import SecretStr

    from app.intake.shop import Placement
    from app.lane.turn import Output
    from app.settings import Settings
    from app.web.producing import Producing

# An order of 2,000 lines, as talkative as shops are: 3 KB a line. The whole of it is signed before it is looked at.
BODY_LIMIT: Final = 8 * 2**20
_QUICK: Final = (
    64 * 1024
)  # bytes that are read in a millisecond or two; longer orders let others go on meanwhile

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """How a kind of shop sends its orders, and what is set here for it. `variable` begins its settings."""

    path: str
    variable: str
    place_order: Callable[[bytes, Shop], Placement]
    signature_header: str
    topic_header: str
    topic: str
    shop_header: str
    name: str
    secrets: tuple[SecretStr, ...]
    greets: Callable[[bytes], bool] = lambda _: False


def routes(server: web.Application, producing: Producing, settings: Settings) -> None:
    """Serve `POST /webhooks/shopify` and `POST /webhooks/woocommerce`."""
    for vendor in vendors(settings):
        server.router.add_post(vendor.path, ShopIntake(vendor, producing, settings).answer)


def vendors(settings: Settings) -> tuple[Vendor, ...]:
    """Return every kind of shop."""
    return (
        Vendor(
            path="/webhooks/shopify",
            variable="SHOPIFY",
            place_order=shopify.place_order,
            signature_header=shopify.SIGNATURE_HEADER,
            topic_header=shopify.TOPIC_HEADER,
            topic=shopify.TOPIC,
            shop_header=shopify.SHOP_HEADER,
            name=settings.shopify_shop,
            secrets=(settings.shopify_webhook_secret, settings.shopify_former_secret),
        ),
        Vendor(
            path="/webhooks/woocommerce",
            variable="WOOCOMMERCE",
            place_order=woocommerce.place_order,
            signature_header=woocommerce.SIGNATURE_HEADER,
            topic_header=woocommerce.TOPIC_HEADER,
            topic=woocommerce.TOPIC,
            shop_header=woocommerce.SHOP_HEADER,
            name=settings.woocommerce_shop,
            secrets=(settings.woocommerce_webhook_secret, settings.woocommerce_former_secret),
            greets=woocommerce.greets,
        ),
    )


class ShopIntake:
    """Takes the orders of one shop."""

    def __init__(self, vendor: Vendor, producing: Producing, settings: Settings) -> None:
        self._vendor = vendor
        self._producing = producing
        self._settings = settings
        self._secrets = [secret.get_secret_value() for secret in vendor.secrets]

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a request with what became of it. Raises `Problem` where the shop must send it again."""
        vendor = self._vendor
        self._check_set_up()
        body = await request.clone(client_max_size=BODY_LIMIT).read()
        if vendor.greets(body):
            return _answered(ignored="the webhook is set up")
        if not shopify.signed(body, request.headers.get(vendor.signature_header, ""), *self._secrets):
            raise Problem(NOT_SIGNED, f"{vendor.signature_header} is missing, or not that of the body")
        self._check_shop(_host(request.headers.get(vendor.shop_header, vendor.name)))
        topic = request.headers.get(vendor.topic_header, vendor.topic)
        if topic != vendor.topic:
            return _answered(ignored=f"{topic} is not {vendor.topic}")
        return await self._placed(request, body)

    async def _placed(self, request: web.Request, body: bytes) -> web.Response:
        try:
            order_id, command_id, command = (
                self._command(body) if len(body) <= _QUICK else await asyncio.to_thread(self._command, body)
            )
        except (Unfit, Undecodable) as unfit:
            where = getattr(unfit, "where", "") or "/"
            reason = Undecodable(unfit.code, f"{where}: {unfit.detail}")
            log.warning("%s: an order is refused: %s", self._vendor.path, reason)
            await self._bury(request, body, reason)
            return _answered(refused=unfit.code, where=where, detail=unfit.detail)
        except Exception as fault:  # of ours: to be sent again does not help
            log.exception("%s: an order is a dead letter", self._vendor.path)
            await self._bury(request, body, fault)
            return _answered(refused="failed", where="/", detail="see the log of the worker")
        await self._producing.send(ORDER_COMMANDS, [command])
        return _answered(order_id=order_id, command_id=command_id)

    def _command(self, body: bytes) -> tuple[str, str, Output]:
        """Return the ids of an order and its command, and the record to send. Raises `Unfit` or `Undecodable`."""
        settings, vendor = self._settings, self._vendor
        shop = Shop(
            name=vendor.name,
            zone=settings.shop_zone,
            tests=settings.shop_test_orders,
            fulfilled=settings.shop_fulfilled_orders,
        )
        placement = vendor.place_order(body, shop)
        value = ORDERS.encode_command(
            id=placement.command_id,
            subject=placement.order_id,
            data=placement.order,
            time=datetime.now(UTC),
            source=vendor.path,
        )
        key = placement.order_id.encode()
        # Read as its worker will read it: what that would refuse is refused while the shop's own bytes are here.
        ORDERS.decode_command(Record(ORDER_COMMANDS.name, -1, -1, 0, key, value, COMMAND_HEADERS))
        return placement.order_id, placement.command_id, (key, value, COMMAND_HEADERS)

    async def _bury(self, request: web.Request, body: bytes, wrong: Exception) -> None:
        """Keep a request that no command follows from, where an operator looks for what went wrong."""
        letter = refused(request, body, wrong, self._settings)
        await self._producing.send(DEAD_LETTERS, [letter])

    def _check_set_up(self) -> None:
        variable = self._vendor.variable
        for what, value in (("WEBHOOK_SECRET", self._secrets[0]), ("SHOP", self._vendor.name)):
            if not value:
                raise _not_set_up(f"{variable}_{what} is not set")

    def _check_shop(self, host: str) -> None:
        """Raise `Problem` for another shop, whose orders would get the ids of this one's."""
        if host != self._vendor.name:
            raise _not_set_up(f"{self._vendor.variable}_SHOP is {self._vendor.name}, the request of {host}")


def _not_set_up(detail: str) -> Problem:
    return Problem(NOT_SET_UP, detail, headers={"Retry-After": "60"})


def _host(told: str) -> str:
    """Return the domain in `shop.example` or `https://shop.example/path`. It is no part of what is signed."""
    return told.rpartition("//")[2].partition("/")[0].partition(":")[0].lower()


def _answered(**members: Any) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(members),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
