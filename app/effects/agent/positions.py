"""Where the group begins. Past events must never be replayed to a provider, and none may be passed over unseen.

A partition without a position is given one only where nobody can be wrong: nothing was ever written to it. Otherwise
(a new group in an old system, or a group that was away longer than the brokers keep its positions) the agent does not
start, until an operator says that what lies there was dealt with: `python -m app effects --begin-now`.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from app.topics import ORDER_EVENTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.settings import Settings

log = logging.getLogger(__name__)

OUTAGE = (KafkaError, OSError, TimeoutError)
_ATTEMPT = 15.0  # seconds


class Refusal(Exception):  # noqa: N818 - an answer to the operator
    """The agent does not start, or does not go on. The text says what to do."""


def group_of(settings: Settings) -> str:
    return f"{settings.app_id}-effects"


async def ensure_positions(settings: Settings) -> None:
    """Return when each partition has a position. Raises `Refusal`; waits for brokers that are not there yet."""
    while True:
        try:
            async with asyncio.timeout(_ATTEMPT), _group(settings, "read_uncommitted") as consumer:
                missing = await _without_position(settings, consumer)
                used = await _ends(consumer, missing)
                if any(used.values()):
                    raise Refusal(_how_to_begin(group_of(settings), used))
                if missing:
                    await consumer.commit(dict.fromkeys(missing, 0))
                return
        except OUTAGE as error:
            log.warning("waiting for the brokers at %s: %r", settings.kafka_url, error)
            await asyncio.sleep(0.5)


async def begin_now(settings: Settings) -> dict[int, int]:
    """Set each partition's position that is missing to its end. Returns those. Raises what OUTAGE lists."""
    async with asyncio.timeout(_ATTEMPT), _group(settings, "read_committed") as consumer:
        missing = await _without_position(settings, consumer)
        ends = await _ends(consumer, missing)
        if ends:
            await consumer.commit(ends)
        return {place.partition: offset for place, offset in ends.items()}


@asynccontextmanager
async def _group(settings: Settings, isolation: str) -> AsyncIterator[AIOKafkaConsumer]:
    """Speak for the group without joining it. Kafka lets nobody do so while it has members."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_url,
        group_id=group_of(settings),
        enable_auto_commit=False,
        auto_offset_reset="none",
        isolation_level=isolation,  # ends are those of all that was written, or of all that is decided
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


async def _ends(consumer: AIOKafkaConsumer, places: list[TopicPartition]) -> dict[TopicPartition, int]:
    ends: dict[TopicPartition, int] = await consumer.end_offsets(places) if places else {}
    return ends


def _how_to_begin(group: str, used: dict[TopicPartition, int]) -> str:
    listed = ", ".join(f"{place.partition} (to {end})" for place, end in sorted(used.items()) if end)
    return (
        f"group {group} has no position in {ORDER_EVENTS.name}, partition {listed}: its events would be asked of the "
        "providers again, or never. When those are dealt with, begin behind them: "
        "`python -m app effects --begin-now`, once"
    )
