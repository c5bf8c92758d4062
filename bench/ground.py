"""What every measurement stands on: one broker for the whole run, and on it empty topics for each part.

A part has an application id of its own, so that groups, positions and changelogs of an earlier part mean nothing
to it, while the broker stays warm.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from app.lane.admin import ensure_topics
from app.lane.plan import Plan
from app.main import AGENTS, lane_config
from app.settings import Settings
from app.topics import DEAD_LETTERS
from bench.processes import memory_mb, snapshot, wait_quiet
from tests.running import Workers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from pathlib import Path

    from bench.processes import Snapshot
    from dev.kafka import Node
    from tests.running import Worker

PARTITIONS = 8
_DELETED = 30.0  # seconds for deleted topics to be gone
_SAMPLE = 0.1  # seconds between two looks at who used how much
_LOOK = 0.5  # seconds between two questions whether all is done
PRODUCT = ("-m", "app", "worker")
DECIDING, ALL = "decide-orders", ""  # agents: those that are compared with others, and those of a whole shop


class Ground:
    """A broker, and what parts do on it."""

    def __init__(self, node: Node, folder: Path, patience: float) -> None:
        self.bootstrap = node.bootstrap
        self.folder = folder
        self.broker = node.server.pid
        self._patience = patience

    async def clear(self, app_id: str) -> None:
        """Delete every topic, and make those of the application with this id."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            there = [name for name in await admin.list_topics() if not name.startswith("__")]
            if there:
                await admin.delete_topics(there)
            deadline = time.monotonic() + _DELETED
            while any(not name.startswith("__") for name in await admin.list_topics()):
                if time.monotonic() > deadline:
                    raise TimeoutError(f"topics are still there {_DELETED:g} s after they were deleted")
                await asyncio.sleep(0.1)
        finally:
            await admin.close()
        config = lane_config(Settings(kafka_url=self.bootstrap, app_id=app_id, partitions=PARTITIONS))
        await ensure_topics(config, Plan(config, AGENTS, DEAD_LETTERS).topics)

    async def quiet(self) -> None:
        """Wait, within bounds, until the box has nothing else to do."""
        used = await wait_quiet(self._patience)
        print(f"  {used:.2f} cores busy before the measurement", flush=True)

    @contextlib.contextmanager
    def worker(
        self, app_id: str, command: Sequence[str] = PRODUCT, log_level: str = "error", agents: str = DECIDING
    ) -> Iterator[Worker]:
        """Run one worker with this application id; the same one again has the same folder and identity."""
        environment = {
            "APP_ID": app_id,
            "PARTITIONS": str(PARTITIONS),
            "STANDBY_REPLICAS": "0",
            "LOG_LEVEL": log_level,
            "AGENTS": agents,
        }
        with Workers(self.bootstrap, self.folder, environment, command) as workers:
            workers.start(app_id)
            yield workers[app_id]
            workers.stop()

    @contextlib.asynccontextmanager
    async def lag(self, app_id: str, sources: Sequence[str]) -> AsyncIterator[Lag]:
        """Ask how far an application is with its sources."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, isolation_level="read_committed")
        await admin.start()
        await consumer.start()
        try:
            yield Lag(
                admin, consumer, app_id, [TopicPartition(t, n) for t in sources for n in range(PARTITIONS)]
            )
        finally:
            await consumer.stop()
            await admin.close()

    async def watch(self, worker: Worker, lag: Lag, seconds: float = 600) -> tuple[list[Snapshot], float]:
        """Watch a worker until it has done everything: who used the CPU meanwhile, and the worker's peak of memory."""
        seen, peak, asked = [], 0.0, time.monotonic()
        deadline = asked + seconds
        while True:
            if not worker.alive:
                raise AssertionError(f"the worker ended\n{worker.tail()}")
            seen.append(snapshot(worker.pid, self.broker))
            now = time.monotonic()
            if now - asked >= _LOOK:
                asked, peak = now, memory_mb(worker.pid)[1]
                if not await lag.now():
                    return seen, peak
                if now > deadline:
                    raise TimeoutError(f"not done after {seconds:g} s\n{worker.tail()}")
            await asyncio.sleep(_SAMPLE)


class Lag:
    """How many records of its sources a group has not committed yet. Commit markers count as records."""

    def __init__(self, admin: Any, consumer: Any, group: str, sources: list[TopicPartition]) -> None:
        self._admin, self._consumer, self._group, self._sources = admin, consumer, group, sources

    async def now(self) -> int:
        ends = await self._consumer.end_offsets(self._sources)
        try:
            done = await self._admin.list_consumer_group_offsets(self._group)
        except GroupCoordinatorNotAvailableError:
            done = {}  # no group has committed anything on this broker yet
        return sum(end - (done[tp].offset if tp in done else 0) for tp, end in ends.items())

    async def wait(self, below: int = 1, seconds: float = 600) -> None:
        """Return when less than `below` records are left."""
        async with asyncio.timeout(seconds):
            while await self.now() >= below:  # noqa: ASYNC110 - what is waited for happens in another process
                await asyncio.sleep(0.2)
