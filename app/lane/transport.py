"""Faust's Kafka transport, where it must differ: what is fetched, how it is delivered, and how patiently.

Faust keeps the group: membership, assignment, heartbeats. Records of source topics go to the lanes in whole batches;
Faust never acknowledges or commits them. Changelogs are assigned, so that Faust's assignor places active and standby
partitions, but they are paused here: recovery reads them on its own (`app.lane.tenure`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

import aiokafka
from aiokafka import TopicPartition
from aiokafka.errors import ConsumerStoppedError
from faust.transport.drivers import aiokafka as driver

from app.lane import patience, records

if TYPE_CHECKING:
    from collections.abc import Mapping

records.install()

log = logging.getLogger(__name__)

_POLL = 0.5  # seconds that a fetch without any record may take

Fetched = tuple[TopicPartition, list[Any], int, float]  # partition, records, next position, last answer


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """The thread that owns aiokafka's consumer."""

    app: Any  # a LaneApp

    def _create_worker_consumer(self, transport: Any) -> aiokafka.AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        config = self.app.lanes.config
        consumer._isolation_level = "read_committed"  # noqa: SLF001 - Faust has no setting for these three
        consumer._fetch_max_wait_ms = config.fetch_wait_ms  # noqa: SLF001 - Faust: 1,500 ms, fixed
        consumer._fetch_max_bytes = config.fetch_bytes  # noqa: SLF001
        patience.limit(consumer._client)  # noqa: SLF001
        return consumer

    async def on_start(self) -> None:
        await super().on_start()
        consumer = self._ensure_consumer()
        consumer._fetcher._prefetch_backoff = 0.1  # noqa: SLF001 - how long one full lane may hold up the others
        self._limit_heartbeats(consumer._coordinator)  # noqa: SLF001

    def _limit_heartbeats(self, coordinator: Any) -> None:
        """A heartbeat without an answer must fail while the session still lasts: ask another broker then.

        One with an answer renews our lease on the partitions, from the moment when it was sent.
        """
        lanes, beat = self.app.lanes, coordinator._do_heartbeat  # noqa: SLF001
        limit = lanes.config.session_timeout / 3

        async def heartbeat() -> bool:
            sent = time.monotonic()
            try:
                async with asyncio.timeout(limit):
                    alive: bool = await beat()
            except TimeoutError:
                log.warning("heartbeat not answered in %.1f s", limit)
                self._drop_coordinator()
                alive = False
            if alive:
                lanes.renew(sent)
            else:
                lanes.stats.outage_at = time.monotonic()
            return alive

        coordinator._do_heartbeat = heartbeat  # noqa: SLF001

    def _drop_coordinator(self) -> None:
        consumer = self._ensure_consumer()
        coordinator = consumer._coordinator  # noqa: SLF001
        where = (coordinator.coordinator_id, aiokafka.client.ConnectionGroup.COORDINATION)
        connection = consumer._client._conns.get(where)  # noqa: SLF001
        if connection is not None:
            connection.close()
        coordinator.coordinator_dead()

    def verify_event_path(self, now: float, tp: Any) -> None:
        """Say nothing of partitions that are paused on purpose. Liveness has its own check (`Lanes.stuck`)."""

    async def pause_all(self) -> None:
        """Fetch nothing until `start_sources` says from where."""

        async def pause() -> None:
            consumer = self._ensure_consumer()
            consumer.pause(*consumer.assignment())

        await self.call_thread(pause)

    async def start_sources(self, positions: Mapping[TopicPartition, int]) -> None:
        """Fetch the source partitions from these positions on."""

        async def start() -> None:
            consumer = self._ensure_consumer()
            for tp, position in positions.items():
                consumer.seek(tp, position)
                consumer.resume(tp)

        await self.call_thread(start)

    async def fetch(self, partitions: set[TopicPartition]) -> list[Fetched]:
        """Wait for records of these partitions. Return what came, and how far each of them has been read."""

        async def fetch() -> list[Fetched]:
            consumer = self._ensure_consumer()
            fetched = await self._fetch_records(consumer, partitions, timeout=_POLL)
            assignment = consumer._subscription.subscription.assignment  # noqa: SLF001 - `position` would wait
            found = []
            for tp in partitions if assignment is not None else ():
                state = assignment.state_value(tp)
                if state is not None and state.has_valid_position:
                    found.append((tp, fetched.get(tp, []), state.position, (state.timestamp or 0) / 1000))
            return found

        fetched: list[Fetched] = await self.call_thread(fetch)
        return fetched


class Consumer(driver.Consumer):
    """Faust's consumer: hands over batches, and lets the lanes finish before partitions go."""

    app: Any  # a LaneApp
    _thread: ConsumerThread

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def on_partitions_revoked(self, revoked: Any) -> None:
        await self.app.lanes.revoked("revoked")
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: Any, generation_id: int = 0) -> None:
        await self._thread.pause_all()
        await super().on_partitions_assigned(assigned, generation_id)

    async def start_sources(self, positions: Mapping[TopicPartition, int]) -> None:
        await self._thread.start_sources(positions)

    async def _drain_messages(self, fetcher: Any) -> None:
        """Deliver to the lanes, for as long as consumer and fetcher run."""
        lanes = self.app.lanes
        try:
            while not (self._stopped.is_set() or fetcher._stopped.is_set()):  # noqa: SLF001
                hungry = lanes.hungry() if self.flow_active else set()
                if not hungry:  # an empty set would mean "all" to aiokafka
                    await self.sleep(0.01)
                    continue
                tenure = lanes.tenure
                fetched = await self._thread.fetch(hungry)
                if lanes.tenure is tenure:  # else these positions are of an assignment that is over
                    for tp, batch, position, heard_at in fetched:
                        lanes.feed(tp, batch, position, heard_at)
                await asyncio.sleep(0)
        except (ConsumerStoppedError, asyncio.CancelledError):
            if not self.transport.app.should_stop:
                raise


class Transport(driver.Transport):
    Consumer = Consumer
