"""Sending, waiting and reading the outcomes, on the real broker with a stand-in for the workers."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from app.cli.replay.addresses import addressed
from app.cli.replay.decisions import end_offsets, places, read_decisions
from app.cli.replay.produce import CannotProduce, CommandProducer
from app.cli.replay.source import Draft
from app.cli.replay.waiting import Undecided, wait_until_decided, wait_until_settled
from app.domain.order.commands import PlaceOrder
from app.lane.partition import partition_of
from app.topics import ORDER_COMMANDS
from tests.replay.data import READ, sample
from tests.replay.deciding import create, deciding

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiokafka import ConsumerRecord

PARTITIONS = 3


def drafts(name: str) -> list[Draft]:
    """Return the order commands of a source."""
    every = [item for item in READ[name](sample(name)) if isinstance(item, Draft)]
    return [draft for draft in every if addressed(draft)[0] == ORDER_COMMANDS.name]


def placing(name: str) -> list[Draft]:
    return [draft for draft in drafts(name) if isinstance(draft.data, PlaceOrder)]


def ends(producer: CommandProducer) -> dict[TopicPartition, int]:
    return {TopicPartition(producer.topic, part): offset for part, offset in producer.next_offsets.items()}


async def send(broker: str, topic: str, commands: list[Draft]) -> CommandProducer:
    async with CommandProducer(broker, topic) as producer:
        for draft in commands:
            await producer.add(draft.key.encode(), addressed(draft)[1])
        await producer.drain()
    return producer


async def read_all(broker: str, topic: str, partitions: int = PARTITIONS) -> list[ConsumerRecord]:
    until = await end_offsets(broker, topic, partitions)
    parts = [TopicPartition(topic, number) for number in until if until[number]]
    consumer = AIOKafkaConsumer(bootstrap_servers=broker, auto_offset_reset="earliest")
    consumer.assign(parts)
    await consumer.start()
    records = []
    while any([await consumer.position(part) < until[part.partition] for part in parts]):
        for batch in (await consumer.getmany(*parts, timeout_ms=100)).values():
            records += batch
    await consumer.stop()
    return records


async def test_the_commands_of_an_order_keep_their_sequence_where_java_would_put_them(
    broker: str, prefix: str
) -> None:
    topic, commands = f"{prefix}-commands", drafts("online-retail")
    await create(broker, topic, partitions=PARTITIONS)
    before = time.time()
    producer = await send(broker, topic, commands)
    records = await read_all(broker, topic)
    wanted, found = defaultdict(list), defaultdict(list)
    for draft in commands:
        wanted[draft.key.encode()].append(draft.command_id)
    for record in records:
        assert record.partition == partition_of(record.key, PARTITIONS)
        assert list(record.headers) == [("content-type", b"application/cloudevents+json")]
        assert before - 1 < record.timestamp / 1000 < time.time() + 1  # not 2010: it would be deleted
        found[record.key].append(
            next(id_ for id_ in wanted[record.key] if f'"{id_}"'.encode() in record.value)
        )
    assert found == wanted
    assert producer.sent == len(commands) == len(records)
    assert producer.next_offsets == await end_offsets(broker, topic, PARTITIONS)


async def test_every_command_is_accounted_for_by_type_code_or_cause(broker: str, prefix: str) -> None:
    commands, answers, dead = f"{prefix}-commands", f"{prefix}-outcomes", f"{prefix}-dead"
    await create(broker, commands, answers, dead, partitions=PARTITIONS)
    run = await places(broker, PARTITIONS, answers, dead)
    northwind = placing("northwind")
    ids = {draft.command_id for draft in northwind}
    looks: list[int] = []
    rules = {"7-place": "refuse", "8-place": "bury", "9-place": "forget"}
    async with deciding(broker, prefix, commands, answers, dead, rules):
        producer = await send(broker, commands, northwind)
        await wait_until_decided(broker, prefix, ends(producer), patience=30, left=looks.append)
        decisions = await read_decisions(run, ids)
    assert looks[-1] == 0
    assert decisions.refused == {"order-unknown": 83}
    assert decisions.dead == {"failed: for the test": 83}
    assert decisions.accepted == {"place-order.v1": 830 - 3 * 83}
    assert decisions.missing == {command_id for command_id in ids if command_id.endswith("9-place")}
    assert decisions.earlier == 0


async def test_a_repeat_waits_too_and_finds_the_outcomes_of_the_first_run(broker: str, prefix: str) -> None:
    commands, answers, dead = f"{prefix}-commands", f"{prefix}-outcomes", f"{prefix}-dead"
    await create(broker, commands, answers, dead, partitions=PARTITIONS)
    northwind = placing("northwind")
    ids = {draft.command_id for draft in northwind}
    async with deciding(broker, prefix, commands, answers, dead):
        for already, sent in ((0, northwind[:500]), (500, northwind)):
            run = await places(broker, PARTITIONS, answers, dead)
            producer = await send(broker, commands, sent)
            await wait_until_decided(broker, prefix, ends(producer), patience=30, left=lambda _: None)
            wanted = {draft.command_id for draft in sent}
            decisions = await read_decisions(run, wanted)
            assert decisions.accepted.total() == len(sent)
            assert decisions.earlier == already
            assert not decisions.missing
    assert len({record.key for record in await read_all(broker, answers)}) == len(ids)


async def test_without_a_worker_the_wait_ends_and_says_so(broker: str, prefix: str) -> None:
    topic = f"{prefix}-commands"
    await create(broker, topic, partitions=PARTITIONS)
    producer = await send(broker, topic, placing("northwind")[:10])
    with pytest.raises(Undecided, match=f"group {prefix} left 10 records"):
        await wait_until_decided(broker, prefix, ends(producer), patience=0.3, left=lambda _: None)


async def test_the_end_of_a_transaction_is_not_waited_for(broker: str, prefix: str) -> None:
    """It takes an offset of its own, which no worker's position passes before the next record comes."""
    topic = f"{prefix}-commands"
    await create(broker, topic, partitions=PARTITIONS)
    async with transaction(broker, prefix) as producer:
        await producer.send(topic, b"value", key=b"key", partition=0)
    assert await end_offsets(broker, topic, PARTITIONS) == {0: 2, 1: 0, 2: 0}
    async with transaction(broker, prefix) as producer:
        await producer.send_offsets_to_transaction({TopicPartition(topic, 0): 1}, prefix)
    looks: list[int] = []
    await wait_until_settled(broker, prefix, [topic], PARTITIONS, patience=30, left=looks.append)
    assert looks == [1]


async def test_what_follows_is_waited_for_too(broker: str, prefix: str) -> None:
    """A worker that answers each record with another one, five times over."""
    topic = f"{prefix}-commands"
    await create(broker, topic, partitions=1)
    async with transaction(broker, prefix) as producer:
        await producer.send(topic, b"5", partition=0)

    async def answer() -> None:
        async with AIOKafkaConsumer(
            topic, bootstrap_servers=broker, auto_offset_reset="earliest", isolation_level="read_committed"
        ) as consumer:
            async for record in consumer:
                async with transaction(broker, prefix) as producer:
                    if record.value != b"0":
                        await producer.send(topic, b"%d" % (int(record.value) - 1), partition=0)
                    part = TopicPartition(topic, 0)
                    await producer.send_offsets_to_transaction({part: record.offset + 1}, prefix)
                if record.value == b"0":
                    return

    worker = asyncio.create_task(answer())
    await wait_until_settled(broker, prefix, [topic], 1, patience=30, left=lambda _: None)
    values = [record.value for record in await read_all(broker, topic, partitions=1)]
    await worker
    assert values == [b"5", b"4", b"3", b"2", b"1", b"0"]


@asynccontextmanager
async def transaction(broker: str, id_: str) -> AsyncIterator[AIOKafkaProducer]:
    async with (
        AIOKafkaProducer(bootstrap_servers=broker, transactional_id=id_) as producer,
        producer.transaction(),
    ):
        yield producer


async def test_a_missing_topic_is_refused_before_anything_is_sent(broker: str, prefix: str) -> None:
    with pytest.raises(CannotProduce, match="start a worker first"):
        async with CommandProducer(broker, f"{prefix}-commands"):
            pass
