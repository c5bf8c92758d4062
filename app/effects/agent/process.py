"""The agent's process: a member of the group that reads order-events, carries movements and commits what is done.

A position is committed after its movement was told, never before: a crash in between carries it again.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka.errors import KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError

from app.effects.agent.carrier import Carrier
from app.effects.agent.partition import Partition
from app.effects.agent.positions import Refusal, ensure_positions, group_of
from app.effects.agent.providers import providers
from app.lane import patience
from app.lane.postbox import Postbox
from app.topics import ORDER_EVENTS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from aiokafka import TopicPartition

    from app.settings import Settings

log = logging.getLogger(__name__)

_POLL = 100  # ms without new records, after which positions are looked at
_RECORDS = 500  # taken at once
_GRACE = 5.0  # seconds for calls under way, when we stop or a partition goes
_PAUSE = 1.0  # seconds after a fault of the brokers


async def run(settings: Settings, stopping: asyncio.Event) -> None:
    """Carry movements until told to stop. Raises `Refusal`."""
    await ensure_positions(settings)
    async with AsyncExitStack() as open_:
        known = await open_.enter_async_context(providers(settings))
        postbox = Postbox(
            settings.kafka_url,
            _client_id(settings),
            partitions=settings.partitions,
            largest=settings.max_record_bytes,
            request_timeout=settings.request_timeout,
        )
        open_.push_async_callback(postbox.close)
        carrier = Carrier(
            known,
            postbox,
            calls=settings.effects_calls,
            worker=settings.worker_id,
            largest=settings.max_record_bytes,
        )
        await Reader(settings, carrier).run(stopping)


def _client_id(settings: Settings) -> str:
    return f"{group_of(settings)}-{settings.worker_id}"


class Reader(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka is published without types
    """Hands the records of our partitions to `Partition`, and commits how far each has come."""

    def __init__(self, settings: Settings, carrier: Carrier) -> None:
        self._carrier = carrier
        self._ahead = settings.effects_ahead
        self._moving = False  # between two assignments, when what comes in is nobody's
        self._partitions: dict[TopicPartition, Partition] = {}
        self._committed: dict[TopicPartition, int] = {}
        self._tasks: asyncio.TaskGroup
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=settings.kafka_url,
            client_id=_client_id(settings),
            group_id=group_of(settings),
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="none",  # see positions.py
            session_timeout_ms=int(settings.session_timeout * 1000),
            heartbeat_interval_ms=int(settings.heartbeat_interval * 1000),
            fetch_max_wait_ms=settings.fetch_wait_ms,
        )
        patience.limit(self._consumer._client)  # noqa: SLF001 - no setting for these deadlines

    async def run(self, stopping: asyncio.Event) -> None:
        """Read until told to stop, then let what is under way end. Raises `Refusal`."""
        refusal = None
        try:
            # A fault of ours in a task ends all: its movement is not lost, and another start begins with it.
            async with asyncio.TaskGroup() as self._tasks:
                await self._consumer.start()
                self._consumer.subscribe([ORDER_EVENTS.name], listener=self)
                try:
                    while not stopping.is_set():
                        await self._turn()
                except Refusal as refused:  # outside of the group: it would make another exception of it
                    refusal = refused
                await self._give_up(tuple(self._partitions))
        finally:
            await self._consumer.stop()
        if refusal is not None:
            raise refusal

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self._moving = False
        log.info("partitions: %s", sorted(place.partition for place in assigned))

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        self._moving = True
        await self._give_up(revoked)

    async def _turn(self) -> None:
        try:
            found: dict[TopicPartition, list[Any]] = await self._consumer.getmany(
                timeout_ms=_POLL, max_records=_RECORDS
            )
            if self._moving:
                return
            for place, records in found.items():
                self._partition(place).take(records)
            self._pause_and_resume()
            await self._commit(self._partitions)
        except (NoOffsetForPartitionError, OffsetOutOfRangeError) as gone:
            raise Refusal(
                f"the position of {gone} is gone or never was: events may have been lost. Look into the topic, "
                "delete the group's positions, then `python -m app effects --begin-now`, once"
            ) from gone
        except (KafkaError, OSError) as wrong:
            log.warning("%r; again in %g s", wrong, _PAUSE)
            await asyncio.sleep(_PAUSE)

    def _partition(self, place: TopicPartition) -> Partition:
        if place not in self._partitions:
            self._partitions[place] = Partition(self._carrier.carry, self._tasks.create_task, self._ahead)
        return self._partitions[place]

    def _pause_and_resume(self) -> None:
        paused = self._consumer.paused()
        for place, partition in self._partitions.items():
            if partition.full and place not in paused:
                self._consumer.pause(place)
            elif place in paused and not partition.full:
                self._consumer.resume(place)

    async def _commit(self, places: Iterable[TopicPartition]) -> None:
        moved = {}
        for place in places:
            position = self._partitions[place].position if place in self._partitions else None
            if position is not None and position != self._committed.get(place):
                moved[place] = position
        if moved:
            await self._consumer.commit(moved)
            self._committed |= moved

    async def _give_up(self, places: Collection[TopicPartition]) -> None:
        """End our part in partitions: others may have them after this."""
        ours = [place for place in places if place in self._partitions]
        await asyncio.gather(*[self._partitions[place].drain(_GRACE) for place in ours])
        try:
            await self._commit(ours)
        except KafkaError as wrong:
            log.warning("positions are not committed, what was done will be repeated: %r", wrong)
        for place in ours:
            del self._partitions[place]
            self._committed.pop(place, None)
