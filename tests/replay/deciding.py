"""A stand-in for the workers: it gives each command one outcome, in one transaction with its position.

What the replay relies on is only this contract, so its waiting can be tested without the engine.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from app.domain.refused import Code, Refused
from app.lane.declare import Record
from app.wire import outcomes
from app.wire.commands import decode_order_command

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiokafka import ConsumerRecord

NOW = "2026-01-01T00:00:00.000Z"


async def create(bootstrap: str, *topics: str, partitions: int) -> None:
    """Create topics."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, partitions, 1) for topic in topics])
    await admin.close()


@asynccontextmanager
async def deciding(
    bootstrap: str, group: str, commands: str, answers: str, *, refuse: str = "", forget: str = ""
) -> AsyncIterator[None]:
    """Decide what comes in, until left. Refuses and forgets the commands whose ids end so."""
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
    task = asyncio.create_task(_decide(consumer, producer, group, answers, refuse, forget))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await producer.stop()
        await consumer.stop()


async def _decide(
    consumer: AIOKafkaConsumer,
    producer: AIOKafkaProducer,
    group: str,
    answers: str,
    refuse: str,
    forget: str,
) -> None:
    seen: set[str] = set()
    while True:
        for part, records in (await consumer.getmany(timeout_ms=100, max_records=50)).items():
            async with producer.transaction():
                for record in records:
                    command = decode_order_command(_record(record))
                    if command.id in seen or (forget and command.id.endswith(forget)):
                        continue
                    seen.add(command.id)
                    if refuse and command.id.endswith(refuse):
                        no = Refused(Code.ORDER_UNKNOWN, "for the test")
                        value = outcomes.refused(command, 0, no, NOW)
                    else:
                        value = outcomes.accepted(command, command.subject, 1, NOW, (1,))
                    await producer.send(answers, value, command.id.encode(), part.partition)
                await producer.send_offsets_to_transaction({part: records[-1].offset + 1}, group)


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
