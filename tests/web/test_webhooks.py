"""Notices of Stripe's API: signed, kept before they are answered, and once in effect however often they come."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import faust
import pytest
from aiohttp import ClientSession
from aiohttp import web as aiohttp_web
from aiohttp.test_utils import TestServer

from app.lane.admin import ensure_topics
from app.lane.declare import Record
from app.lane.partition import partition_of
from app.main import lane_config
from app.settings import Settings
from app.topics import ORDER_COMMANDS
from app.web.site import routes
from app.wire.contracts import ORDERS
from tests.broker.kafka import Kafka
from tests.running import free_port
from tests.web.kept import Kept
from tests.web.stored import store_order
from tests.web.stub import Group, StubLanes, served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.wire.envelopes import Command

SECRET = "whsec_test"  # noqa: S105 - it signs nothing outside of this file
PARTITIONS = 8  # the default: other tests have these topics on the same broker
OURS = {"order_id": "o-1", "payment_id": "p", "capture_id": "c"}
CAPTURED = {
    "id": "evt_1",
    "created": time.time(),
    "type": "payment_intent.succeeded",
    "data": {
        "object": {
            "id": "pi_1",
            "object": "payment_intent",
            "status": "succeeded",
            "amount": 10_000,
            "amount_received": 4000,
            "amount_capturable": 0,
            "latest_charge": "ch_1",
            "metadata": OURS,
        }
    },
}
DISPUTED = {
    "id": "evt_2",
    "created": time.time(),
    "type": "charge.dispute.created",
    "data": {
        "object": {
            "id": "dp_1",
            "object": "dispute",
            "status": "needs_response",
            "amount": 4000,
            "reason": "fraudulent",
            "payment_intent": "pi_1",
            "metadata": {},
        }
    },
}


@pytest.fixture
async def kafka(broker: str) -> AsyncIterator[Kafka]:
    config = lane_config(Settings(kafka_url=broker, partitions=PARTITIONS))
    await ensure_topics(config, [ORDER_COMMANDS])
    async with Kafka(broker, PARTITIONS) as opened:
        yield opened


def signed(body: bytes, *, age: float = 0, by: str = SECRET) -> dict[str, str]:
    at = int(time.time() - age)
    digest = hmac.new(by.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={at},v1={digest}"}


def in_bytes(event: Any) -> bytes:
    return json.dumps(event).encode()


class Shop:
    """The HTTP server of a worker that owns nothing, on a Kafka or without one."""

    def __init__(self, server: TestServer, http: ClientSession) -> None:
        self._url = server.make_url("/webhooks/stripe")
        self._http = http

    async def post(self, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        """Send a body, rightly signed unless other headers are given. Returns status and problem."""
        async with self._http.post(self._url, data=body, headers=headers or signed(body)) as answer:
            text = await answer.read()
            if answer.status == 204:
                return 204, text
            assert answer.headers["Content-Type"] == "application/problem+json"
            return answer.status, json.loads(text)

    async def method(self, name: str) -> tuple[int, str | None]:
        async with self._http.request(name, self._url) as answer:
            return answer.status, answer.headers.get("Allow")


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Kept:
    """Stand in for the producer."""
    made = Kept()
    monkeypatch.setattr("app.web.site.Producing", lambda _: made)
    return made


@asynccontextmanager
async def shop(*orders: str, group: Group | None = None, **settings: Any) -> AsyncIterator[Shop]:
    """Serve a worker that owns all partitions, or is one of a group. These orders were placed."""
    app = _App("stub-webhooks", broker="kafka://127.0.0.1:1")
    group = group or Group()
    for order_id in orders:
        store_order(group, order_id)
    app.lanes = StubLanes(group, "w1")
    known = {"kafka_url": f"127.0.0.1:{free_port()}", "stripe_webhook_secret": SECRET, **settings}
    routes(app, Settings(partitions=PARTITIONS, **known))
    server = TestServer(app.web.web_app)  # type: ignore[attr-defined] # the aiohttp driver has it
    await server.start_server()
    try:
        async with ClientSession() as http:
            yield Shop(server, http)
    finally:
        await server.close()


class _App(faust.App):
    lanes: StubLanes


async def test_a_notice_is_answered_when_its_commands_are_kept_and_twice_it_is_the_same_commands(
    kafka: Kafka, broker: str, prefix: str
) -> None:
    """C08: the ids of commands are made of provider and event id, on whichever worker it comes."""
    notice = in_bytes(CAPTURED).replace(b"o-1", prefix.encode()).replace(b"evt_1", f"evt_{prefix}".encode())
    async with shop(prefix, kafka_url=broker) as one, shop(prefix, kafka_url=broker) as two:
        assert await one.post(notice) == (204, b"")
        first = await _told(kafka, prefix)
        assert [(each.id, type(each.data).__name__) for each in first] == [
            (f"stripe/evt_{prefix}/0", "RecordPaymentCaptured"),
            (f"stripe/evt_{prefix}/1", "RecordPaymentVoided"),
        ]
        assert await two.post(notice) == (204, b"")
        assert [each.id for each in await _told(kafka, prefix)] == 2 * [each.id for each in first]


async def test_what_kafka_does_not_take_is_not_answered_with_a_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.web.producing.DEADLINE", 0.3)
    async with shop("o-1") as opened:
        status, problem = await opened.post(in_bytes(CAPTURED))
    assert (status, problem["code"]) == (503, "not-stored")


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (in_bytes(CAPTURED), {"X": "no signature"}, "not-signed"),
        (in_bytes(CAPTURED), signed(in_bytes(CAPTURED), by="whsec_other"), "not-signed"),
        (in_bytes(CAPTURED) + b" ", signed(in_bytes(CAPTURED)), "not-signed"),
        (in_bytes(CAPTURED), signed(in_bytes(CAPTURED), age=302), "not-signed"),
        (b"{", None, "unreadable-body"),
        (b"[]", None, "unreadable-body"),
        (b"\xff", None, "unreadable-body"),
        (in_bytes({**CAPTURED, "data": None}), None, "unreadable-body"),
        (in_bytes({**CAPTURED, "data": {"object": {"object": "payment_intent", "id": "pi_1", "metadata": OURS}}}),
         None, "unreadable-body"),
    ],
)  # fmt: skip
async def test_what_is_not_signed_or_not_a_notice_is_refused(
    body: bytes, headers: dict[str, str] | None, code: str
) -> None:
    async with shop() as opened:
        status, problem = await opened.post(body, headers)
    assert (status, problem["code"]) == (400, code)


async def test_what_is_about_something_else_is_taken_and_forgotten() -> None:
    customer = {"id": "evt_3", "type": "customer.created", "data": {"object": {"id": "cus_1"}}}
    async with shop() as opened:
        assert await opened.post(in_bytes(customer)) == (204, b"")


async def test_a_dispute_asks_the_provider_whose_payment_it_is(
    kafka: Kafka, broker: str, prefix: str
) -> None:
    async def intent(request: aiohttp_web.Request) -> aiohttp_web.Response:
        known = {"pi_1": {"metadata": {"order_id": prefix, "payment_id": "p"}}, "pi_2": {"metadata": {}}}
        found = known.get(request.match_info["id"])
        return aiohttp_web.json_response(found or {}, status=200 if found else 500)

    api = aiohttp_web.Application()
    api.router.add_get("/v1/payment_intents/{id}", intent)
    async with TestServer(api) as stripe:
        url = str(stripe.make_url("/")).rstrip("/")
        async with shop(prefix, kafka_url=broker, stripe_url=url, stripe_api_key="sk_test") as opened:
            assert await opened.post(in_bytes(DISPUTED)) == (204, b"")
            (opened_dispute,) = await _told(kafka, prefix)
            assert type(opened_dispute.data).__name__ == "RecordDisputeOpened"
            of_a_stranger = in_bytes(DISPUTED).replace(b"pi_1", b"pi_2")
            assert await opened.post(of_a_stranger) == (204, b"")
            of_nobody_knows = in_bytes(DISPUTED).replace(b"pi_1", b"pi_3")
            status, problem = await opened.post(of_nobody_knows)
            assert (status, problem["code"]) == (503, "provider-silent")
    assert len(await _told(kafka, prefix)) == 1


async def test_without_its_settings_nothing_is_taken_and_the_provider_comes_again() -> None:
    async with shop(stripe_webhook_secret="") as opened:
        status, problem = await opened.post(in_bytes(CAPTURED))
        assert (status, problem["code"]) == (503, "not-set-up")
        assert "STRIPE_WEBHOOK_SECRET" in problem["detail"]
    async with shop() as opened:
        status, problem = await opened.post(in_bytes(DISPUTED))
        assert (status, problem["code"]) == (503, "not-set-up")
        assert "STRIPE_API_KEY" in problem["detail"]


async def test_a_fact_that_comes_before_its_order_is_repeated_until_the_order_is_known(kept: Kept) -> None:
    """Its command would be refused, and as a repeated one have the same outcome for ever."""
    group, notice = Group(), in_bytes(CAPTURED)
    async with shop(group=group) as early:
        status, problem = await early.post(notice)
        assert (status, problem["code"]) == (409, "order-awaited")
        assert not kept.commands + kept.letters
    async with shop("o-1", group=group) as late:
        assert await late.post(notice) == (204, b"")
    assert [command.subject for command in kept.told()] == ["o-1", "o-1"]


@pytest.mark.parametrize("order_id", ["o-1", "50 % / ½?#&", "."])
async def test_whoever_takes_a_notice_asks_the_owner_of_its_order(kept: Kept, order_id: str) -> None:
    group = Group()
    group.give_all_to("w2")
    notice = in_bytes(CAPTURED).replace(b"o-1", json.dumps(order_id)[1:-1].encode())
    async with served(group, "w2"), shop(group=group) as early:
        assert (await early.post(notice))[1]["code"] == "order-awaited"
        store_order(group, order_id)
        assert await early.post(notice) == (204, b"")
    assert {command.subject for command in kept.told()} == {order_id}


async def test_while_no_owner_can_tell_the_notice_must_come_again(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.web.routing.PATIENCE", 0.1)
    group = Group()
    group.give_all_to("w2")
    group.urls["w2"] = f"http://127.0.0.1:{free_port()}"
    async with shop("o-1", group=group) as opened:
        status, problem = await opened.post(in_bytes(CAPTURED))
    assert (status, problem["code"]) == (503, "partition-moving")
    assert not kept.commands + kept.letters


async def test_an_order_that_never_comes_makes_a_dead_letter_before_the_provider_gives_up(kept: Kept) -> None:
    notice = in_bytes({**CAPTURED, "created": time.time() - 49 * 3600})
    headers = signed(notice)
    async with shop() as opened:
        assert await opened.post(notice, headers) == (204, b"")
    assert kept.reasons() == [("order-unknown", notice)]
    said = dict(kept.letters[0][2])
    assert said["stripe-signature"].decode() == headers["Stripe-Signature"]
    assert b"evt_1: no order o-1" in said["dead-letter-message"]
    assert not kept.commands


async def test_what_no_order_can_be_called_is_not_waited_for(kept: Kept) -> None:
    async with shop() as opened:
        assert await opened.post(in_bytes(CAPTURED).replace(b"o-1", b" o-1")) == (204, b"")
    assert len(kept.commands) == 2  # its worker makes a dead letter of each


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
async def test_it_is_told_and_nothing_else(method: str) -> None:
    async with shop() as opened:
        assert await opened.method(method) == (405, "POST")


async def _told(kafka: Kafka, order_id: str) -> list[Command]:
    """Return the commands about an order, as its worker would read them."""
    key = order_id.encode()
    found = [record for record in await kafka.read(ORDER_COMMANDS.name) if record.key == key]
    assert {record.partition for record in found} <= {partition_of(key, PARTITIONS)}
    return [
        ORDERS.decode_command(Record(ORDER_COMMANDS.name, 0, 0, 0, key, record.value, record.headers))
        for record in found
    ]
