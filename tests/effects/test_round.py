"""The whole round: a payment is asked for, a provider moves it, its answer and its notice come back to the ledger."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from app.domain.payment.commands import AuthorizePayment, CapturePayment
from app.lane.partition import partition_of
from app.topics import ORDER_COMMANDS
from app.wire.contracts import ORDERS
from app.wire.types import COMMAND_HEADERS
from dev.kafka import Node
from tests.broker.kafka import Kafka, Sent
from tests.running import Workers, get_json, wait_until
from tests.web.stored import FACTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.effects.conftest import Trouble
    from tests.running import Worker

PARTITIONS = 2
SECRET = "whsec_test"  # noqa: S105 - it signs nothing outside of this file
OURS = {"order_id": "o-1", "payment_id": "p"}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, proxy: str) -> Iterator[tuple[str, Worker]]:
    """Kafka, a worker, and an agent that begins before anything is paid; gives Kafka's address and the worker."""
    folder = tmp_path_factory.mktemp("round")
    settings = {
        "PARTITIONS": str(PARTITIONS),
        "STRIPE_URL": proxy,
        "STRIPE_API_KEY": "sk_test_123",
        "STRIPE_WEBHOOK_SECRET": SECRET,
    }
    with (
        Node(folder / "kafka") as node,
        Workers(node.bootstrap, folder, settings) as workers,
        Workers(node.bootstrap, folder, settings, ("-m", "app", "effects")) as agents,
    ):
        workers.start("w1")
        workers.wait_ready("w1")
        asyncio.run(_paid_by_the_house(node.bootstrap))
        orders = f"{workers['w1'].url}/orders/o-0/events"
        wait_until("an order asks the house", lambda: len(get_json(orders)[1] or ()) >= 2)
        agents.start("a1")  # which such a past keeps from nothing
        log = agents["a1"].log
        wait_until("the agent has partitions", lambda: "partitions: [0, 1]" in log.read_text(), 60)
        yield node.bootstrap, workers["w1"]
        assert agents["a1"].stop() == 0, agents["a1"].tail()


def intent(status: str, **fields: Any) -> dict[str, Any]:
    """Return a payment as the API knows it."""
    return {
        "id": "pi_1",
        "object": "payment_intent",
        "status": status,
        "amount": 700,
        "amount_received": 0,
        "amount_capturable": 0,
        "latest_charge": "ch_1",
        "metadata": OURS,
        **fields,
    }


async def test_a_payment_is_held_and_captured_once_however_often_it_is_told(
    system: tuple[str, Worker], trouble: Trouble
) -> None:
    kafka_url, worker = system
    held = intent("requires_capture", amount_capturable=700)
    taken = intent("succeeded", amount_received=700, metadata={**OURS, "capture_id": "c"})
    await trouble.plan(
        {"fault": "answer", "status": 200, "body": held}, {"fault": "answer", "status": 200, "body": taken}
    )
    async with Kafka(kafka_url, PARTITIONS) as kafka:
        await ask(
            kafka, FACTS, AuthorizePayment(payment_id="p", amount=700, provider="stripe", method="pm_card")
        )
        await until(worker, "authorised")
        await ask(kafka, CapturePayment(payment_id="p", capture_id="c", amount=700, at=FACTS.placed_at))
        await until(worker, "paid")
        for number in range(3):
            notice = {
                "id": f"evt_{number}",
                "type": "payment_intent.succeeded",
                "created": time.time(),
                "data": {"object": taken},
            }
            assert await asyncio.to_thread(tell, worker, notice) == 204
        last = f"{worker.url}/commands/{'stripe%2Fevt_2%2F0'}?order=o-1"
        await asyncio.to_thread(wait_until, "the last notice is decided", lambda: get_json(last)[0] == 200)
    told = [event["type"] for event in get_json(f"{worker.url}/orders/o-1/events")[1]]
    assert told == [
        "order-placed.v1",
        "payment-authorization-requested.v1",
        "payment-authorized.v1",
        "payment-capture-requested.v1",
        "payment-captured.v1",
    ]
    requests = await trouble.seen()
    assert [request["path"] for request in requests] == [
        "/v1/payment_intents",
        "/v1/payment_intents/pi_1/capture",
    ]


async def _paid_by_the_house(kafka_url: str) -> None:
    async with Kafka(kafka_url, PARTITIONS) as kafka:
        await ask(kafka, FACTS, AuthorizePayment(payment_id="p", amount=700, provider="house"), order="o-0")


async def ask(kafka: Kafka, *commands: Any, order: str = "o-1") -> None:
    """Send commands to an order."""
    where = partition_of(order.encode(), PARTITIONS)
    await kafka.send(
        ORDER_COMMANDS.name,
        [
            Sent(
                where,
                order.encode(),
                ORDERS.encode_command(id=f"{order}-{type(command).__name__}", subject=order, data=command),
                COMMAND_HEADERS,
            )
            for command in commands
        ],
    )


async def until(worker: Worker, status: str) -> None:
    """Wait until the order's payment has a status."""
    where = f"{worker.url}/orders/o-1"

    def reached() -> bool:
        found, order = get_json(where)
        return found == 200 and order["status"]["payment"] == status

    await asyncio.to_thread(wait_until, f"{where} is {status}", reached)


def tell(worker: Worker, notice: dict[str, Any]) -> int:
    """Send a signed notice, and return the status of the answer."""
    body, at = json.dumps(notice).encode(), int(time.time())
    digest = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    request = urllib.request.Request(  # noqa: S310 - http, to a worker of ours
        f"{worker.url}/webhooks/stripe", body, {"Stripe-Signature": f"t={at},v1={digest}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - see above
        return int(answer.status)
