"""Orders of shops by webhook: signed, placed once however often they come, and refused without being lost."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from app.lane.admin import ensure_topics
from app.main import lane_config
from app.settings import Settings
from app.topics import DEAD_LETTERS, ORDER_COMMANDS
from app.web.site import routes
from tests.broker.kafka import Kafka
from tests.intake.shops import shopify_line, shopify_order, woo_order
from tests.intake.test_examples import BECOMES, YES, bytes_of
from tests.web.kept import Kept
from tests.web.stub import Group, StubApp, StubLanes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


SECRET, FORMER = "s3cret", "before"  # they sign nothing outside of this file
VENDORS = ("shopify", "woocommerce")
SIGNATURE = {"shopify": "X-Shopify-Hmac-Sha256", "woocommerce": "X-WC-Webhook-Signature"}
SAYS = {
    "shopify": {"X-Shopify-Topic": "orders/create", "X-Shopify-Shop-Domain": "shop.example"},
    "woocommerce": {"X-WC-Webhook-Topic": "order.created", "X-WC-Webhook-Source": "https://shop.example/"},
}
ORDER: dict[str, Callable[..., dict[str, Any]]] = {"shopify": shopify_order, "woocommerce": woo_order}
BOTH = pytest.mark.parametrize("vendor", VENDORS)


def signed(vendor: str, body: bytes, by: str = SECRET) -> dict[str, str]:
    digest = hmac.new(by.encode(), body, hashlib.sha256).digest()
    return {SIGNATURE[vendor]: base64.b64encode(digest).decode(), **SAYS[vendor]}


def in_bytes(document: Any) -> bytes:
    return json.dumps(document).encode()


class Shop:
    """A shop that sends to the HTTP server of a worker."""

    def __init__(self, server: TestServer, http: ClientSession, kept: Kept) -> None:
        self._server = server
        self._http = http
        self.kept = kept

    async def post(
        self, vendor: str, body: bytes, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Send a body, rightly signed unless other headers are given. Returns the status and what is said."""
        url = self._server.make_url(f"/webhooks/{vendor}")
        async with self._http.post(url, data=body, headers=headers or signed(vendor, body)) as answer:
            return answer.status, await answer.json(content_type=None)

    async def method(self, vendor: str, name: str) -> tuple[int, str | None]:
        url = self._server.make_url(f"/webhooks/{vendor}")
        async with self._http.request(name, url) as answer:
            return answer.status, answer.headers.get("Allow")


@asynccontextmanager
async def opened(monkeypatch: pytest.MonkeyPatch | None = None, **settings: Any) -> AsyncIterator[Shop]:
    """Serve a worker's site; with `monkeypatch`, on a producer that only keeps."""
    known = {"shopify_webhook_secret": SECRET, "woocommerce_webhook_secret": SECRET}
    names = {"shopify_shop": "shop.example", "woocommerce_shop": "shop.example"}
    kept = Kept()
    if monkeypatch:
        monkeypatch.setattr("app.web.site.Producing", lambda _: kept)
    app = StubApp("stub-shops", broker="kafka://127.0.0.1:1")
    app.lanes = StubLanes(Group(), "w1")
    routes(app, Settings(**{**known, **names, **settings}))
    server = TestServer(app.web.web_app)  # type: ignore[attr-defined] # the aiohttp driver has it
    await server.start_server()
    try:
        async with ClientSession() as http:
            yield Shop(server, http, kept)
    finally:
        await server.close()


@pytest.fixture
async def shop(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shop]:
    async with opened(monkeypatch, shop_zone="Europe/Vienna") as made:
        yield made


@BOTH
async def test_an_order_is_placed_under_the_same_id_however_often_it_comes(shop: Shop, vendor: str) -> None:
    document = ORDER[vendor]()
    order_id = f"{vendor}-shop.example-{document['id']}"
    for _ in range(2):
        answer = {"order_id": order_id, "command_id": f"{order_id}-place"}
        assert await shop.post(vendor, in_bytes(document)) == (200, answer)
    (one, order), (other, same) = shop.kept.placed()
    assert one == other == f"{order_id}-place"
    assert order == same
    assert (order.totals.total, order.zone) == (10_000, "Europe/Vienna")
    assert not shop.kept.letters


@BOTH
async def test_what_kafka_does_not_take_the_shop_sends_again(shop: Shop, vendor: str) -> None:
    shop.kept.down = True
    for document in (ORDER[vendor](), {"no": "order"}):  # neither a command nor a refusal may be lost
        status, problem = await shop.post(vendor, in_bytes(document))
        assert (status, problem["code"]) == (503, "not-stored")


@BOTH
async def test_what_cannot_become_an_order_is_kept_with_its_reason_and_answered_with_a_yes(
    shop: Shop, vendor: str
) -> None:
    """A shop turns a webhook off whose answers are errors, and it would be as wrong the next time."""
    body = in_bytes(ORDER[vendor](currency="XXX"))
    status, answer = await shop.post(vendor, body)
    assert (status, answer["refused"], answer["where"]) == (200, "currency-unknown", "/currency")
    assert shop.kept.reasons() == [("currency-unknown", body)]
    said = dict(shop.kept.letters[0][2])
    assert said["dead-letter-topic"] == f"/webhooks/{vendor}".encode()
    assert said["dead-letter-agent"] == b"intake"
    assert b"/currency" in said["dead-letter-message"]
    assert said[SIGNATURE[vendor].lower()] == signed(vendor, body)[SIGNATURE[vendor]].encode()
    assert not shop.kept.commands


async def test_a_refusal_can_be_sent_again_as_it_was_kept(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = in_bytes(shopify_order(test=True))
    await shop.post("shopify", body)
    ((_, value, headers),) = shop.kept.letters
    again = {name: text.decode() for name, text in headers if not name.startswith("dead-letter-")}
    async with opened(monkeypatch, shop_test_orders=True) as right:
        status, answer = await right.post("shopify", value or b"", again)
        assert (status, len(right.kept.placed())) == (200, 1), answer


@BOTH
@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[]", b"null", b'"', b"[" * 100_000])
async def test_whatever_is_signed_is_answered_with_its_reason(shop: Shop, vendor: str, body: bytes) -> None:
    status, answer = await shop.post(vendor, body)
    assert (status, set(answer)) == (200, {"refused", "where", "detail"})
    ((code, kept),) = shop.kept.reasons()
    assert (code, kept) == (answer["refused"], body)
    assert code in ("unreadable", "not-an-order")


@BOTH
async def test_only_the_shop_can_sign(shop: Shop, vendor: str) -> None:
    body = in_bytes(ORDER[vendor]())
    right = signed(vendor, body)
    for sent, headers in (
        (body, SAYS[vendor]),
        (body, signed(vendor, body, by="another")),
        (body, signed(vendor, body, by="")),
        (body + b" ", right),
        (b"webhook_id=1&more=1", SAYS[vendor]),
    ):
        status, problem = await shop.post(vendor, sent, headers)
        assert (status, problem["code"]) == (400, "not-signed")
    assert not shop.kept.commands + shop.kept.letters


@BOTH
async def test_while_a_secret_is_changed_either_signs(monkeypatch: pytest.MonkeyPatch, vendor: str) -> None:
    body = in_bytes(ORDER[vendor]())
    async with opened(monkeypatch, **{f"{vendor}_former_secret": FORMER}) as changing:
        for secret in (SECRET, FORMER):
            assert (await changing.post(vendor, body, signed(vendor, body, by=secret)))[0] == 200


@BOTH
async def test_other_topics_are_ignored_and_said_to_be(shop: Shop, vendor: str) -> None:
    body = in_bytes(ORDER[vendor]())
    topic = next(name for name in SAYS[vendor] if name.endswith("Topic"))
    status, answer = await shop.post(vendor, body, {**signed(vendor, body), topic: "orders/updated"})
    assert (status, answer) == (200, {"ignored": f"orders/updated is not {SAYS[vendor][topic]}"})
    assert not shop.kept.commands + shop.kept.letters


@BOTH
async def test_without_its_settings_nothing_is_taken_and_the_shop_comes_again(
    monkeypatch: pytest.MonkeyPatch, vendor: str
) -> None:
    body = in_bytes(ORDER[vendor]())
    for setting in (f"{vendor}_webhook_secret", f"{vendor}_shop"):
        async with opened(monkeypatch, **{setting: ""}) as closed:
            status, problem = await closed.post(vendor, body)
        assert (status, problem["code"]) == (503, "not-set-up")
        assert problem["detail"] == f"{setting.upper()} is not set"


@BOTH
async def test_an_order_of_another_shop_does_not_get_the_id_of_this_ones(shop: Shop, vendor: str) -> None:
    body = in_bytes(ORDER[vendor]())
    shop_header = next(name for name in SAYS[vendor] if not name.endswith("Topic"))
    for other in ("other.example", "https://other.example/shop.example", "http://[::1", ""):
        status, problem = await shop.post(vendor, body, {**signed(vendor, body), shop_header: other})
        assert (status, problem["code"]) == (503, "not-set-up")
        assert f"{vendor.upper()}_SHOP is shop.example" in problem["detail"]
    for same in ("shop.example", "HTTPS://Shop.Example/de/"):
        assert (await shop.post(vendor, body, {**signed(vendor, body), shop_header: same}))[0] == 200


async def test_the_greeting_of_woocommerce_is_answered_with_200(shop: Shop) -> None:
    assert await shop.post("woocommerce", b"webhook_id=12", {"X": "unsigned"}) == (
        200,
        {"ignored": "the webhook is set up"},
    )
    status, problem = await shop.post("shopify", b"webhook_id=12", {"X": "unsigned"})
    assert (status, problem["code"]) == (400, "not-signed")
    assert not shop.kept.commands + shop.kept.letters


async def test_a_long_order_is_placed_and_a_refused_one_is_kept_whole(shop: Shop) -> None:
    lines = [
        shopify_line(id=n, price="1.00", properties=[{"name": "x", "value": "x" * 800}]) for n in range(1000)
    ]
    told = shopify_order(line_items=lines, total_line_items_price="1000.00", total_price="1000.00")
    assert len(in_bytes(told)) > 900_000
    assert (await shop.post("shopify", in_bytes(told)))[0] == 200
    ((_, order),) = shop.kept.placed()
    assert len(order.lines) == 1000
    body = in_bytes({**told, "total_price": "1000.01"})
    assert (await shop.post("shopify", body))[1]["refused"] == "totals-differ"
    ((_, value, headers),) = shop.kept.letters
    assert dict(headers)["content-encoding"] == b"gzip"
    assert gzip.decompress(value or b"") == body


async def test_an_order_that_no_record_can_hold_is_refused_with_its_bytes(shop: Shop) -> None:
    lines = [shopify_line(id=n, price="1.00", name="x" * 500) for n in range(1_800)]
    told = shopify_order(line_items=lines, total_line_items_price="1800.00", total_price="1800.00")
    status, answer = await shop.post("shopify", in_bytes(told))
    assert (status, answer["refused"]) == (200, "order-too-large")
    assert len(shop.kept.letters) == 1


async def test_a_body_beyond_all_bounds_is_not_read(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.web.shops.BODY_LIMIT", 1000)
    assert (await shop.post("shopify", b" " * 1001))[0] == 413


async def test_a_fault_of_ours_is_a_dead_letter_and_no_endless_repetition(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr("app.web.shops.ORDERS.encode_command", broken)
    body = in_bytes(shopify_order())
    status, answer = await shop.post("shopify", body)
    assert (status, answer["refused"]) == (200, "failed")
    assert shop.kept.reasons() == [("failed", body)]
    assert b"ZeroDivisionError: a fault of ours" in dict(shop.kept.letters[0][2])["dead-letter-traceback"]


@pytest.mark.parametrize("name", BECOMES)
async def test_each_example_of_the_vendors_is_placed_or_refused_with_a_reason(shop: Shop, name: str) -> None:
    body = bytes_of(name)
    for vendor in VENDORS if name.startswith("stripe") else [name.split("/", maxsplit=1)[0]]:
        shop.kept.commands.clear()
        shop.kept.letters.clear()
        status, answer = await shop.post(vendor, body)
        expected = BECOMES[name]
        assert status == 200
        if expected is YES:
            ((command_id, order),) = shop.kept.placed()
            assert (answer["command_id"], order.origin) == (command_id, f"{vendor}-shop.example")
            assert not shop.kept.letters
        else:
            assert (answer["refused"], answer["where"]) == (expected.code, expected.where or "/")
            assert shop.kept.reasons() == [(expected.code, body)]
            assert not shop.kept.commands


@BOTH
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
async def test_orders_are_posted_and_nothing_else(shop: Shop, vendor: str, method: str) -> None:
    assert await shop.method(vendor, method) == (405, "POST")


async def test_command_and_refusal_are_in_kafka_before_the_answer(broker: str, prefix: str) -> None:
    settings = Settings(kafka_url=broker)
    await ensure_topics(lane_config(settings), [ORDER_COMMANDS, DEAD_LETTERS])
    number = int.from_bytes(hashlib.sha256(prefix.encode()).digest()[:6], "big")
    async with Kafka(broker, settings.partitions) as kafka, opened(kafka_url=broker) as shop:
        status, answer = await shop.post("shopify", in_bytes(shopify_order(id=number)))
        assert status == 200
        sent = [
            record
            for record in await kafka.read(ORDER_COMMANDS.name)
            if record.key == answer["order_id"].encode()
        ]
        assert len(sent) == 1
        refused = in_bytes(shopify_order(id=number, currency="XXX"))
        assert (await shop.post("shopify", refused))[1]["refused"] == "currency-unknown"
        kept = [record for record in await kafka.read(DEAD_LETTERS.name) if record.value == refused]
        assert [dict(record.headers)["dead-letter-code"] for record in kept] == [b"currency-unknown"]
