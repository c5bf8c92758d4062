"""The agent as a process, between a real Kafka and stripe-mock behind the proxy: killed, resumed, stopped, refused."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from app.effects.agent.positions import asks
from app.lane.admin import ensure_topics
from app.lane.declare import Record
from app.lane.partition import partition_of
from app.topics import DEAD_LETTERS, ORDER_COMMANDS, ORDER_EVENTS
from app.wire.contracts import ORDERS
from dev.kafka import Node
from tests.broker.kafka import Kafka, Sent, eventually
from tests.effects.reading import ASKED, CAPTURE_ASKED, TOLD, event
from tests.running import ROOT, Workers, wait_until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from app.domain.payment.events import PaymentEvent
    from app.lane.config import LaneConfig
    from app.wire.envelopes import Command
    from tests.effects.conftest import Trouble
    from tests.running import Worker

PARTITIONS = 2
SLOW = {"fault": "slow", "seconds": 20}


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a node of our own: the topics of the product have fixed names."""
    with Node(tmp_path_factory.mktemp("effects")) as running:
        asyncio.run(ensure_topics(_config(running.bootstrap), [ORDER_EVENTS, ORDER_COMMANDS, DEAD_LETTERS]))
        yield running.bootstrap


@pytest.fixture
async def kafka(node: str) -> AsyncIterator[Kafka]:
    async with Kafka(node, PARTITIONS) as opened:
        yield opened


@pytest.fixture
def environment(node: str, proxy: str, prefix: str) -> dict[str, str]:
    return {
        "KAFKA_URL": node,
        "APP_ID": prefix,  # and so a group that nobody had before
        "PARTITIONS": str(PARTITIONS),
        "STRIPE_URL": proxy,
        "STRIPE_API_KEY": "sk_test_123",
    }


@pytest.fixture
def agents(node: str, environment: dict[str, str], tmp_path: Path) -> Iterator[Workers]:
    """Agents of one new group; none is started, and what tests before this one left behind is not theirs."""
    assert _effects(environment, "--begin-now").returncode == 0
    with Workers(node, tmp_path, environment, ("-m", "app", "effects")) as workers:
        yield workers


async def test_a_killed_agent_goes_on_without_a_second_key(
    kafka: Kafka, agents: Workers, trouble: Trouble, prefix: str
) -> None:
    """C05, C40: it dies between the provider's deed and its answer."""
    await trouble.plan(SLOW)
    agents.start("a1")
    order = f"{prefix}-1"
    await publish(kafka, order, ASKED)

    async def asked() -> bool:
        return len(await trouble.seen()) == 1

    await eventually(lambda: "the provider is asked", asked, 90)
    agents["a1"].kill()
    agents.start("a1")
    answers = await commands(kafka, prefix, 1)
    assert {request["key"] for request in await trouble.seen()} == {(await trouble.seen())[0]["key"]}
    assert len(await trouble.seen()) == 2
    assert [(each.subject, type(each.data).__name__) for each in answers] == [
        (order, "RecordPaymentDeclined")  # stripe-mock's one payment waits for a method of payment
    ]
    assert agents["a1"].stop() == 0
    await kafka.settled(f"{prefix}-effects", [ORDER_EVENTS.name])
    agents.start("a2")  # which begins where the first one ended
    await publish(kafka, f"{prefix}-2", ASKED)
    told = await commands(kafka, prefix, 2)
    assert len({each.id for each in told}) == 2


async def test_a_provider_that_is_silent_about_one_order_holds_up_no_other(
    kafka: Kafka, agents: Workers, trouble: Trouble, prefix: str
) -> None:
    await trouble.plan(SLOW)
    agents.start("a1")
    for number in range(6):
        await publish(kafka, f"{prefix}-{number}", TOLD if number == 3 else ASKED)
    told = await commands(kafka, prefix, 4)
    assert len({each.subject for each in told}) == len(told)
    agents["a1"].kill()


async def test_a_wrong_key_loses_nothing_and_the_right_one_goes_on(
    kafka: Kafka, agents: Workers, trouble: Trouble, prefix: str
) -> None:
    wrong = {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided: sk_test_***"}}
    await trouble.plan(*[{"fault": "answer", "status": 401, "body": wrong}] * 100)
    agents.start("a1")
    await publish(kafka, f"{prefix}-1", ASKED)
    log = agents["a1"].log
    said = "ERROR app.effects.agent.carrier: "
    await asyncio.to_thread(wait_until, "the agent says what is wrong", lambda: said in log.read_text(), 60)
    assert "look at STRIPE_API_KEY: 401 invalid_request_error: Invalid API Key provided" in log.read_text()
    assert agents["a1"].stop() == 0
    assert not [
        found for found in await kafka.read(DEAD_LETTERS.name) if prefix.encode() in (found.key or b"")
    ]
    await trouble.plan()
    agents.start("a1")
    (told,) = await commands(kafka, prefix, 1)
    assert told.subject == f"{prefix}-1"
    assert agents["a1"].stop() == 0


async def test_an_agent_that_joins_shares_the_work_and_one_that_stops_hands_it_over(
    kafka: Kafka, agents: Workers, trouble: Trouble, prefix: str
) -> None:
    agents.start("a1", "a2")
    both = [agents["a1"], agents["a2"]]
    await asyncio.to_thread(
        wait_until,
        "each has one of the two partitions",
        lambda: sorted(map(_assigned, both)) == ["[0]", "[1]"],
        60,
    )
    for number in range(10):
        await publish(kafka, f"{prefix}-{number}", ASKED)
    assert agents["a1"].stop() == 0
    for number in range(10, 20):
        await publish(kafka, f"{prefix}-{number}", ASKED)
    told = await commands(kafka, prefix, 20)
    assert len({each.id for each in told}) == len({each.subject for each in told}) == 20
    assert len({request["key"] for request in await trouble.seen()}) == 20
    assert agents["a2"].stop() == 0


def test_what_may_ask_a_provider_outside_is_told_from_what_does_not() -> None:
    assert not any(map(asks, (event(TOLD), event(replace(ASKED, provider="house")))))
    assert all(map(asks, (event(ASKED), event(ASKED).replace(b"requested.v1", b"requested.v2"), None)))


async def test_a_new_group_in_an_old_system_does_not_start_by_itself(
    kafka: Kafka, environment: dict[str, str], prefix: str
) -> None:
    """C22, C35: neither is the past replayed to a provider, nor passed over unseen."""
    await publish(kafka, f"{prefix}-1", CAPTURE_ASKED)
    refused = _effects(environment)
    assert refused.returncode == 1
    said = refused.stderr.splitlines()[-1]
    assert said.startswith(f"group {prefix}-effects has no position in order-events, partition ")
    begun = _effects(environment, "--begin-now")
    assert (begun.returncode, begun.stdout.count(" begins at ")) == (0, PARTITIONS)
    again = _effects(environment, "--begin-now")
    assert "nothing was changed" in again.stdout


def test_a_topic_with_other_partitions_is_refused(environment: dict[str, str]) -> None:
    refused = _effects({**environment, "PARTITIONS": "3"})
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1].startswith("topic order-events has 2 partitions, not 3")


def _config(bootstrap: str) -> LaneConfig:
    from app.main import lane_config  # noqa: PLC0415 - it imports Faust
    from app.settings import Settings  # noqa: PLC0415 - see above

    return lane_config(Settings(kafka_url=bootstrap, partitions=PARTITIONS))


def _assigned(agent: Worker) -> str:
    """Return which partitions an agent was given last, by its log."""
    return ("partitions: " + agent.log.read_text()).rpartition("partitions: ")[2].partition("\n")[0]


def _effects(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", "effects", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


async def publish(kafka: Kafka, order_id: str, *facts: PaymentEvent) -> None:
    """Put an order's events where a worker would."""
    key = order_id.encode()
    where = partition_of(key, PARTITIONS)
    records = [
        Sent(where, key, event(fact, order_id, version)) for version, fact in enumerate(facts, start=1)
    ]
    await kafka.send(ORDER_EVENTS.name, records)


async def commands(kafka: Kafka, prefix: str, count: int) -> list[Command]:
    """Return the commands about orders of this test, when there are so many."""
    told: list[Command] = []

    async def enough() -> bool:
        records = await kafka.read(ORDER_COMMANDS.name)
        told[:] = [_command(record) for record in records if (record.key or b"").startswith(prefix.encode())]
        return len(told) >= count

    await eventually(lambda: f"{count} commands, now {len(told)}", enough, 90)
    return told


def _command(found: Any) -> Command:
    return ORDERS.decode_command(
        Record(found.topic, found.partition, found.offset, 0, found.key, found.value, found.headers)
    )
