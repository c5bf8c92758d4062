"""A stand-in for the workers: it gives each command one outcome, in a transaction with its position.

What the replay relies on is only this contract, so its waiting can be tested without the engine.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from types import MappingProxyType
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from app.domain.refused import Code, Refused
from app.lane.declare import Record
from app.wire import outcomes
from app.wire.orders import decode_order_command

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from aiokafka import ConsumerRecord

    from app.wire.orders import Command

CAUSE = [("dead-letter-code", b"failed"), ("dead-letter-message", b"for the test")]
NOW = "2026-01-01T00:00:00.000Z"


async def create(bootstrap: str, *topics: str, partitions: int) -> None:
    """Create topics."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, partitions, 1) for topic in topics])
    await admin.close()


@asynccontextmanager
async def deciding(
    bootstrap: str,
    group: str,
    commands: str,
    answers: str,
    dead_letters: str,
    rules: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[None]:
    """Decide what comes in, until left. `rules`: refuse, bury or forget the commands whose ids end so."""
    consumer = AIOKafkaConsumer(
        commands,
        bootstrap_servers=bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=group)
    await consumer.start()
    await producer.start()

    async def decide() -> None:
        seen: set[str] = set()
        while True:
            for part, records in (await consumer.getmany(timeout_ms=100, max_records=50)).items():
                async with producer.transaction():
                    for record in records:
                        command = decode_order_command(_record(record))
                        rule = next((rules[end] for end in rules if command.id.endswith(end)), "accept")
                        if rule == "bury":
                            await producer.send(dead_letters, record.value, headers=CAUSE, partition=0)
                        elif rule != "forget" and command.id not in seen:
                            seen.add(command.id)
                            value = _outcome(command, rule)
                            await producer.send(answers, value, command.id.encode(), part.partition)
                    await producer.send_offsets_to_transaction({part: records[-1].offset + 1}, group)

    task = asyncio.create_task(decide())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await producer.stop()
        await consumer.stop()


def _outcome(command: Command, rule: str) -> bytes:
    if rule == "refuse":
        return outcomes.refused(command, 0, Refused(Code.ORDER_UNKNOWN, "for the test"), NOW)
    return outcomes.accepted(command, command.subject, 1, NOW, (1,))


def _record(record: ConsumerRecord) -> Record:
    return Record(
        record.topic,
        record.partition,
        record.offset,
        record.timestamp,
        record.key,
        record.value,
        record.headers,
    )
