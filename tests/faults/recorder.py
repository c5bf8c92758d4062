"""Turns what a run left behind into a `History`: topics, group offsets, databases of stopped workers."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Literal

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from app.lane.store import is_offset, open_read_only, row_key
from tests.faults.history import EVENTS, Database, History, Offsets, Seen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from tests.faults.history import Ack

log = logging.getLogger(__name__)

Isolation = Literal["read_committed", "read_uncommitted"]


class Tail:
    """A read_committed consumer that reads along. It keeps each record of `topic`, and when it came."""

    def __init__(self, bootstrap: str, topic: str, partitions: int) -> None:
        self.seen: list[Seen] = []
        self.times: list[float] = []  # of `time.time`, one for each record
        self._bootstrap, self._topic = bootstrap, topic
        self._next = dict.fromkeys(range(partitions), 0)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait([self._task])
        if not self._task.cancelled() and (failure := self._task.exception()) is not None:
            raise failure

    async def _run(self) -> None:
        while True:
            consumer = _consumer(self._bootstrap, "read_committed")
            try:
                await consumer.start()
                consumer.assign([TopicPartition(self._topic, partition) for partition in self._next])
                for partition, offset in self._next.items():
                    consumer.seek(TopicPartition(self._topic, partition), offset)
                await self._read(consumer)
            except KafkaError as failure:
                log.warning("the reader of %s starts again after %r", self._topic, failure)
                await asyncio.sleep(0.5)
            finally:
                await consumer.stop()

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            for tp, records in (await consumer.getmany(timeout_ms=200)).items():
                now = time.time()
                for record in records:
                    self.seen.append(Seen(tp.partition, record.offset, record.key, record.value))
                    self.times.append(now)
                self._next[tp.partition] = records[-1].offset + 1


async def record(
    bootstrap: str,
    *,
    app_id: str,
    partitions: int,
    topics: Iterable[str],
    changelogs: Mapping[str, str],
    workers: Mapping[str, Path],
    acks: Sequence[Ack],
    live: Mapping[str, list[Seen]],
) -> History:
    """Read everything. The workers must have stopped: `workers` are their folders of databases."""
    names = sorted({*topics, *changelogs.values()})
    ends = {topic: await end_offsets(bootstrap, topic, partitions) for topic in names}
    return History(
        partitions=partitions,
        acks=acks,
        committed={topic: await read(bootstrap, topic, partitions, "read_committed") for topic in names},
        uncommitted={EVENTS: await read(bootstrap, EVENTS, partitions, "read_uncommitted")},
        live=dict(live),
        changelogs=dict(changelogs),
        databases=[
            database
            for worker, folder in workers.items()
            for database in databases(worker, folder, changelogs)
        ],
        offsets=await group_offsets(bootstrap, app_id),
        ends={(topic, partition): end for topic in names for partition, end in ends[topic].items()},
    )


async def read(bootstrap: str, topic: str, partitions: int, isolation: Isolation) -> list[Seen]:
    """Read a topic to its end: by partition, then by offset."""
    consumer = _consumer(bootstrap, isolation)
    await consumer.start()
    try:
        tps = [TopicPartition(topic, partition) for partition in range(partitions)]
        consumer.assign(tps)
        ends = await consumer.end_offsets(tps)
        seen: list[Seen] = []
        while await _short_of(consumer, ends):
            for tp, records in (await consumer.getmany(timeout_ms=200)).items():
                seen += (Seen(tp.partition, record.offset, record.key, record.value) for record in records)
    finally:
        await consumer.stop()
    return sorted(seen, key=lambda record: (record.partition, record.offset))


async def _short_of(consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]) -> bool:
    for tp, end in ends.items():
        if await consumer.position(tp) < end:
            return True
    return False


async def end_offsets(bootstrap: str, topic: str, partitions: int) -> dict[int, int]:
    """Return the next offset of each partition: markers and open transactions included."""
    consumer = _consumer(bootstrap, "read_uncommitted")
    await consumer.start()
    try:
        found = await consumer.end_offsets([TopicPartition(topic, number) for number in range(partitions)])
    finally:
        await consumer.stop()
    return {tp.partition: end for tp, end in found.items()}


async def group_offsets(bootstrap: str, group: str) -> Offsets:
    """Return the next positions that the group has committed."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        found = await admin.list_consumer_group_offsets(group)
    finally:
        await admin.close()
    return {(tp.topic, tp.partition): meta.offset for tp, meta in found.items() if meta.offset >= 0}


async def lag(bootstrap: str, group: str, sources: Iterable[str], partitions: int) -> int:
    """Return how many offsets the group is behind the ends of its sources, all partitions together."""
    offsets, behind = await group_offsets(bootstrap, group), 0
    for topic in sources:
        for partition, end in (await end_offsets(bootstrap, topic, partitions)).items():
            behind += end - offsets.get((topic, partition), 0)
    return behind


def databases(worker: str, folder: Path, changelogs: Mapping[str, str]) -> list[Database]:
    """Read the RocksDB databases of a stopped worker, raw: one value a table and partition."""
    found = []
    for path in sorted(folder.glob("**/partition-*/CURRENT")):
        database = open_read_only(path.parent)
        try:
            items: dict[bytes, bytes] = {bytes(key): row for key, row in database.items()}  # type: ignore[arg-type]
        finally:
            database.close()
        partition = int(path.parent.name.rpartition("-")[2])
        found += [_table(worker, partition, table, topic, items) for table, topic in changelogs.items()]
    return found


def _table(worker: str, partition: int, table: str, topic: str, items: Mapping[bytes, bytes]) -> Database:
    prefix = row_key(table, b"")
    rows = {key.removeprefix(prefix): row for key, row in items.items() if key.startswith(prefix)}
    following = [
        int(row) for key, row in items.items() if is_offset(key) and key.endswith(b"\0" + topic.encode())
    ]
    return Database(worker, table, partition, following[0] - 1 if following else None, rows)


def _consumer(bootstrap: str, isolation: Isolation) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        isolation_level=isolation,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        fetch_max_wait_ms=50,
    )
