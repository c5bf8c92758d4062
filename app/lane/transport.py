"""Faust's Kafka transport, where it must differ: what is fetched, how it is delivered, and how patiently.

Faust keeps the group: membership, assignment, heartbeats. Records of source topics go to the lanes in whole batches;
Faust never acknowledges or commits them. Changelogs are assigned, so that Faust's assignor places active and standby
partitions, but they are paused here: recovery reads them on its own (`app.lane.tenure`).
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import time
from typing import TYPE_CHECKING, Any

import aiokafka
from aiokafka import TopicPartition
from aiokafka.errors import ConsumerStoppedError
from faust.transport.drivers import aiokafka as driver

from app.lane import fetching, patience

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from app.lane.fetching import Fetched

fetching.install()

log = logging.getLogger(__name__)

_PACE = 0.004  # seconds between two fetches, at least
_WATCH = (
    0.25  # seconds between two looks at what the consumer has to say, unless a lane is full or hungry again
)


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
        self._limit_heartbeats(self._ensure_consumer()._coordinator)  # noqa: SLF001

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
            fetching.deliver(consumer, None)
            consumer.pause(*consumer.assignment())

        await self.call_thread(pause)

    async def start_sources(
        self, positions: Mapping[TopicPartition, int], feed: Callable[[list[Fetched]], None]
    ) -> None:
        """Fetch the source partitions from these positions on. `feed` is called in the loop of the caller."""
        loop = asyncio.get_running_loop()

        async def start() -> None:
            consumer = self._ensure_consumer()
            fetching.deliver(consumer, lambda found: _hand_over(loop, feed, found), _PACE)
            for tp, position in positions.items():
                consumer.seek(tp, position)
                consumer.resume(tp)

        await self.call_thread(start)

    async def watch(
        self, sources: Collection[TopicPartition], hungry: set[TopicPartition]
    ) -> dict[TopicPartition, float]:
        """Fetch what is hungry and nothing else. Return when each source was last heard of (seconds since 1970).

        Raises what the consumer has found wrong.
        """

        async def watch() -> dict[TopicPartition, float]:
            consumer = self._ensure_consumer()
            await self._fetch_records(consumer, set(sources), timeout=0)
            assignment = consumer._subscription.subscription.assignment  # noqa: SLF001 - no public way
            heard = {}
            for tp in sources if assignment is not None else ():
                state = assignment.state_value(tp)
                if state is None or not state.has_valid_position:
                    continue
                heard[tp] = (state.timestamp or 0) / 1000
                if tp in hungry and state.paused:
                    consumer.resume(tp)
                elif tp not in hungry and not state.paused:
                    consumer.pause(tp)
            return heard

        heard: dict[TopicPartition, float] = await self.call_thread(watch)
        return heard


def _hand_over(
    loop: asyncio.AbstractEventLoop, feed: Callable[[list[Fetched]], None], found: list[Fetched]
) -> None:
    with contextlib.suppress(RuntimeError):  # the loop is closed: the worker has ended
        loop.call_soon_threadsafe(feed, found)


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
        lanes = self.app.lanes
        await self._thread.start_sources(positions, functools.partial(lanes.feed, lanes.tenure))

    async def _drain_messages(self, fetcher: Any) -> None:
        """Watch the consumer, for as long as it and Faust's fetcher run. It feeds the lanes by itself."""
        lanes = self.app.lanes
        try:
            while not (self._stopped.is_set() or fetcher._stopped.is_set()):  # noqa: SLF001
                lanes.appetite.clear()
                sources = lanes.sources()
                if sources:
                    hungry = lanes.hungry() if self.flow_active else set()
                    lanes.heard(await self._thread.watch(sources, hungry))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_WATCH):
                        await lanes.appetite.wait()
        except (ConsumerStoppedError, asyncio.CancelledError):
            if not self.transport.app.should_stop:
                raise


class Transport(driver.Transport):
    Consumer = Consumer
