"""Turns what a run left behind into a `History`: topics, group offsets, databases of stopped workers."""

from __future__ import annotations

import asyncio
import logging
import time
from functools import partial
from typing import TYPE_CHECKING, Literal

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from app.lane.declare import Record
from app.lane.store import open_read_only, row_key
from tests.faults.history import EVENTS, Database, History, Offsets, Seen, is_marked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from app.lane.plan import Plan
    from tests.faults.history import Ack

log = logging.getLogger(__name__)

Isolation = Literal["read_committed", "read_uncommitted"]


class Tail:
    """A read_committed consumer that reads along. It keeps each record of `topic`, and when it came; `tell` gets it."""

    def __init__(
        self, bootstrap: str, topic: str, partitions: int, tell: Callable[[Seen], None] | None = None
    ) -> None:
        self.seen: list[Seen] = []
        self.times: list[float] = []  # of `time.time`, one for each record
        self._bootstrap, self._topic, self._tell = bootstrap, topic, tell
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
                    if self._tell is not None:
                        self._tell(self.seen[-1])
                self._next[tp.partition] = records[-1].offset + 1


async def record(
    bootstrap: str,
    plan: Plan,
    *,
    app_id: str,
    partitions: int,
    topics: Iterable[str],
    workers: Mapping[str, Path],
    acks: Sequence[Ack],
    live: Mapping[str, list[Seen]],
) -> History:
    """Read everything. The workers must have stopped: `workers` are their folders of databases."""
    changelogs = {table.name: plan.changelog[table] for table in plan.tables}
    committed = {topic: await read(bootstrap, topic, partitions, "read_committed") for topic in topics}
    writes: dict[str, dict[tuple[int, bytes], Seen]] = {table: {} for table in changelogs}
    for topic in plan.by_changelog:
        if topic in committed:
            _note(plan, topic, writes, committed[topic])
        else:
            await read(bootstrap, topic, partitions, "read_committed", partial(_note, plan, topic, writes))
    names = sorted({*topics, *plan.by_changelog, *plan.agents})
    ends = await end_offsets(bootstrap, names, partitions)
    return History(
        partitions=partitions,
        sources=tuple(plan.agents),
        acks=acks,
        committed=committed,
        uncommitted={EVENTS: await read(bootstrap, EVENTS, partitions, "read_uncommitted")},
        live=dict(live),
        changelogs=changelogs,
        writes={table: sorted(rows.values(), key=lambda seen: seen[:2]) for table, rows in writes.items()},
        databases=[
            database
            for worker, folder in workers.items()
            for database in databases(worker, folder, changelogs)
        ],
        offsets=await group_offsets(bootstrap, app_id),
        ends=ends,
    )


def _note(
    plan: Plan, topic: str, writes: dict[str, dict[tuple[int, bytes], Seen]], records: Iterable[Seen]
) -> None:
    """Keep the last write to each row: what was written before it, compaction may take away at any time."""
    for seen in records:
        record = Record(topic, seen.partition, seen.offset, 0, seen.key, seen.value)
        for whole, value in () if is_marked(seen) else plan.changes(topic, [record]):
            table, _, key = whole.partition(b"\0")
            writes[table.decode()][seen.partition, key] = Seen(seen.partition, seen.offset, key, value)


async def read(
    bootstrap: str,
    topic: str,
    partitions: int,
    isolation: Isolation,
    take: Callable[[list[Seen]], None] | None = None,
) -> list[Seen]:
    """Read a topic to its end: by partition, then by offset. With `take`, that gets all of it as it comes."""
    consumer = _consumer(bootstrap, isolation)
    await consumer.start()
    try:
        tps = [TopicPartition(topic, partition) for partition in range(partitions)]
        consumer.assign(tps)
        ends = await consumer.end_offsets(tps)
        seen: list[Seen] = []
        while await _short_of(consumer, ends):
            for tp, records in (await consumer.getmany(timeout_ms=200)).items():
                found = [Seen(tp.partition, record.offset, record.key, record.value) for record in records]
                if take is None:
                    seen += found
                else:
                    take(found)
    finally:
        await consumer.stop()
    return sorted(seen, key=lambda record: (record.partition, record.offset))


async def _short_of(consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]) -> bool:
    for tp, end in ends.items():
        if await consumer.position(tp) < end:
            return True
    return False


async def end_offsets(bootstrap: str, topics: Iterable[str], partitions: int) -> Offsets:
    """Return the next offset of each partition: markers and open transactions included."""
    tps = [TopicPartition(topic, number) for topic in topics for number in range(partitions)]
    consumer = _consumer(bootstrap, "read_uncommitted")
    await consumer.start()
    try:
        found = await consumer.end_offsets(tps)
    finally:
        await consumer.stop()
    return {(tp.topic, tp.partition): end for tp, end in found.items()}


async def group_offsets(bootstrap: str, group: str) -> Offsets:
    """Return the next positions that the group has committed."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        found = await admin.list_consumer_group_offsets(group)
    finally:
        await admin.close()
    return {(tp.topic, tp.partition): meta.offset for tp, meta in found.items() if meta.offset >= 0}


async def ends_if_caught_up(
    bootstrap: str, group: str, sources: Iterable[str], partitions: int
) -> Offsets | None:
    """Return the ends of the sources, if the group is there; None: it is behind."""
    offsets = await group_offsets(bootstrap, group)
    ends = await end_offsets(bootstrap, sources, partitions)
    return ends if all(end == offsets.get(at, 0) for at, end in ends.items()) else None


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
    following = items.get(b"\0next\0" + topic.encode())
    return Database(worker, table, partition, None if following is None else int(following) - 1, rows)


def _consumer(bootstrap: str, isolation: Isolation) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        isolation_level=isolation,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        fetch_max_wait_ms=50,
    )
