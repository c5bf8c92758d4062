"""Where the group begins. Past events must never be replayed to a provider, and none may be passed over unseen.

A partition without a position is given one only where nobody can be wrong: nothing in it was ever asked of a provider
outside, which is looked up once. Otherwise (a new group behind an old one, or a group that was away longer than the
brokers keep its positions) the agent does not start, until an operator says that what lies there was dealt with:
`python -m app effects --begin-now`.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from app.effects.agent.movement import UNREADABLE, movement_of
from app.topics import ORDER_EVENTS
from app.wire.contracts import ORDERS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.settings import Settings

log = logging.getLogger(__name__)

OUTAGE = (KafkaError, OSError, TimeoutError)
_ATTEMPT = 15.0  # seconds for an operator's command


class Refusal(Exception):  # noqa: N818 - an answer to the operator
    """The agent does not start, or does not go on. The text says what to do."""


def group_of(settings: Settings) -> str:
    return f"{settings.app_id}-effects"


async def ensure_positions(settings: Settings) -> None:
    """Return when each partition has a position. Raises `Refusal`; waits for brokers that are not there yet."""
    while True:
        try:
            async with _group(settings) as consumer:
                missing = await _without_position(settings, consumer)
                ends = await consumer.end_offsets(missing) if missing else {}
                for place, end in ends.items():
                    await _read_through(settings, place, end)
                if ends:
                    await consumer.commit(ends)
                return
        except OUTAGE as error:
            log.warning("waiting for the brokers at %s: %r", settings.kafka_url, error)
            await asyncio.sleep(0.5)


async def begin_now(settings: Settings) -> dict[int, int]:
    """Set each partition's position that is missing to its end. Returns those. Raises what OUTAGE lists."""
    async with asyncio.timeout(_ATTEMPT), _group(settings) as consumer:
        missing = await _without_position(settings, consumer)
        ends = await consumer.end_offsets(missing) if missing else {}
        if ends:
            await consumer.commit(ends)
        return {place.partition: offset for place, offset in ends.items()}


@asynccontextmanager
async def _group(settings: Settings) -> AsyncIterator[AIOKafkaConsumer]:
    """Speak for the group without joining it. Kafka lets nobody do so while it has members."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_url,
        group_id=group_of(settings),
        enable_auto_commit=False,
        auto_offset_reset="none",
        isolation_level="read_committed",  # what is not decided at an end comes behind it
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


async def _without_position(settings: Settings, consumer: AIOKafkaConsumer) -> list[TopicPartition]:
    known = await consumer._client.fetch_all_metadata()  # noqa: SLF001 - to ask by name might create the topic
    there = known.partitions_for_topic(ORDER_EVENTS.name) or ()
    if len(there) != settings.partitions:
        raise Refusal(
            f"topic {ORDER_EVENTS.name} has {len(there)} partitions, not {settings.partitions}: "
            "make it with `python -m app topics create`, or set PARTITIONS"
        )
    places = [TopicPartition(ORDER_EVENTS.name, number) for number in range(settings.partitions)]
    consumer.assign(places)
    return [place for place in places if await consumer.committed(place) is None]


async def _read_through(settings: Settings, place: TopicPartition, end: int) -> None:
    """Return if a partition asks nothing of a provider outside before `end`. Raises `Refusal`."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_url, isolation_level="read_committed", enable_auto_commit=False
    )
    try:
        await consumer.start()
        consumer.assign([place])
        await consumer.seek_to_beginning(place)
        while await consumer.position(place) < end:
            for found in (await consumer.getmany(timeout_ms=200)).get(place, ()):
                if found.offset < end and asks(found.value):
                    raise Refusal(_how_to_begin(settings, place, found.offset))
    finally:
        await consumer.stop()


def asks(value: bytes | None) -> bool:
    """Whether an event asks, or may ask, something of a provider outside."""
    try:
        return movement_of(ORDERS.decode_event(value or b"")) is not None
    except UNREADABLE:
        return True


def _how_to_begin(settings: Settings, place: TopicPartition, offset: int) -> str:
    return (
        f"group {group_of(settings)} has no position in {place.topic}, partition {place.partition}, which asks "
        f"something of a payment provider at offset {offset}: it would be asked again, or never. When all that is "
        "dealt with, begin behind it: `python -m app effects --begin-now`, once"
    )
