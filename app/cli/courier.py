"""Takes one command to Kafka and waits for what becomes of it."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaConnectionError, KafkaError

from app.lane.partition import partition_of
from app.topics import COMMAND_OUTCOMES
from app.wire.types import COMMAND_HEADERS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.lane.declare import Topic
    from app.settings import Settings


class Unreachable(Exception):  # noqa: N818 - a definite answer to the operator, not a fault of ours
    """Kafka, or the topic, is not there. The text says what to do."""


class Sent(NamedTuple):
    """Where the command lies in the command topic, and its outcome if one came in time."""

    partition: int
    offset: int
    outcome: bytes | None


async def deliver(
    settings: Settings,
    topic: Topic,
    subject: str,
    command_id: str,
    document: bytes,
    *,
    wait: float,
    fresh: bool,
) -> Sent:
    """Produce a command and return with its outcome, or without one after `wait` seconds (0: do not wait).

    `fresh`: the command id is new. Otherwise the command may be a repeated one, which has no second outcome:
    the first one counts, so the past is searched for it as well. Raises Unreachable.
    """
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what goes wrong is said once, by us
    try:
        async with AsyncExitStack() as open_:
            producer = await open_.enter_async_context(_producer(settings))
            lane = await _lane_of(producer, settings, topic, subject)
            readers = [
                await open_.enter_async_context(_outcomes(settings, lane, from_the_end=new))
                for new in (True, False)
                if wait and (new or not fresh)
            ]
            sent = await producer.send_and_wait(
                topic.name, document, subject.encode(), lane, headers=list(COMMAND_HEADERS)
            )
            return Sent(lane, sent.offset, await _first(readers, command_id.encode(), wait))
    except KafkaConnectionError as wrong:
        said = f"Kafka at {settings.kafka_url} does not answer: set KAFKA_URL, or start it"
        raise Unreachable(said) from wrong
    except KafkaError as wrong:
        raise Unreachable(f"Kafka at {settings.kafka_url}: {wrong}") from wrong


@asynccontextmanager
async def _producer(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka_url,
        enable_idempotence=True,
        request_timeout_ms=int(settings.request_timeout * 1000),
        max_request_size=settings.max_record_bytes + 1024,
    )
    try:
        await producer.start()
        yield producer
    finally:
        await producer.stop()


async def _lane_of(producer: AIOKafkaProducer, settings: Settings, topic: Topic, subject: str) -> int:
    """Return the partition of a command. Asks without naming the topics: a broker might create what is named."""
    known = await producer.client.fetch_all_metadata()
    for name in (topic.name, COMMAND_OUTCOMES.name):
        if not known.partitions_for_topic(name):
            raise Unreachable(
                f"Kafka at {settings.kafka_url} has no topic {name}: "
                "start a worker, or make it with `python -m app topics create`"
            )
    return partition_of(subject.encode(), len(known.partitions_for_topic(topic.name)))


@asynccontextmanager
async def _outcomes(settings: Settings, lane: int, *, from_the_end: bool) -> AsyncIterator[AIOKafkaConsumer]:
    """Read the outcomes of a lane: committed ones, from now on or from the first."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_url, isolation_level="read_committed", enable_auto_commit=False
    )
    try:
        await consumer.start()
        place = TopicPartition(COMMAND_OUTCOMES.name, lane)
        consumer.assign([place])
        ends = consumer.end_offsets if from_the_end else consumer.beginning_offsets
        consumer.seek(place, (await ends([place]))[place])
        yield consumer
    finally:
        await consumer.stop()


async def _first(readers: list[AIOKafkaConsumer], command_id: bytes, wait: float) -> bytes | None:
    """Return the outcome that the first of the readers finds."""
    if not readers:
        return None
    searches = [asyncio.create_task(_outcome(reader, command_id)) for reader in readers]
    done, others = await asyncio.wait(searches, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
    for search in others:
        search.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    return done.pop().result() if done else None


async def _outcome(outcomes: AIOKafkaConsumer, command_id: bytes) -> bytes:
    async for record in outcomes:
        if record.key == command_id and record.value is not None:
            return bytes(record.value)
    raise AssertionError("a consumer ends only when it is closed")
