"""What an audit reads of Kafka: events up to the moment at which it began, rows as the changelogs have them later."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from app.cli.audit.rows import Row, Rows
from app.lane.reading import Apply, ends, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from app.lane.config import LaneConfig
    from app.lane.declare import AnyTable, Record
    from app.lane.plan import Plan

PATIENCE = 20.0  # seconds for the first answer


class KafkaSource:
    """A `Source` on a cluster. What is appended behind the beginning of the audit is not read."""

    def __init__(self, config: LaneConfig, plan: Plan, limits: dict[TopicPartition, tuple[int, int]]) -> None:
        self.partitions = config.partitions
        self._config, self._plan, self._limits = config, plan, limits

    @classmethod
    async def at_now(cls, config: LaneConfig, plan: Plan, topics: Iterable[str]) -> KafkaSource:
        """Remember where the topics of events end. Raises TimeoutError when Kafka does not answer."""
        wanted = [TopicPartition(topic, number) for topic in topics for number in range(config.partitions)]
        async with asyncio.timeout(PATIENCE):
            return cls(config, plan, await ends(config, wanted))

    async def events(self, topic: str, partition: int, take: Callable[[Record], None]) -> None:
        """Hand all records of a partition to `take`, in order."""
        tp = TopicPartition(topic, partition)
        first, end = self._limits[tp]

        def apply(_tp: TopicPartition, records: Sequence[Record], _next: int) -> None:
            for record in records:
                if record.offset < end:
                    take(record)

        await self._read(tp, first, end, apply)

    async def rows(self, tables: Sequence[AnyTable], partition: int) -> dict[AnyTable, Rows]:
        """Return the rows of some tables that lie on a partition, as they are now."""
        found: dict[AnyTable, Rows] = {table: {} for table in tables}
        for topic in {self._plan.changelog[table]: None for table in tables}:
            tp = TopicPartition(topic, partition)
            first, end = (await ends(self._config, [tp]))[tp]
            await self._read(tp, first, end, self._into(found))
        return found

    def _into(self, found: dict[AnyTable, Rows]) -> Apply:
        by_prefix = {self._plan.prefix[table]: rows for table, rows in found.items()}

        def apply(tp: TopicPartition, records: Sequence[Record], _next: int) -> None:
            for record in records:
                for whole, value in self._plan.changes(tp.topic, [record]):
                    prefix, nul, key = whole.partition(b"\0")
                    rows = by_prefix.get(prefix + nul)
                    if rows is None or (record.key or b"").startswith(b"\0"):
                        continue
                    if value is None:
                        rows.pop(key, None)
                    else:
                        rows[key] = Row(value, record.timestamp)

        return apply

    async def _read(self, tp: TopicPartition, first: int, end: int, apply: Apply) -> None:
        if end > first:
            await read(self._config, {tp: first}, apply, {tp: end - 1})


async def missing(config: LaneConfig, topics: Iterable[str]) -> list[str]:
    """Return those of the topics that are not there, or have another number of partitions."""
    admin = AIOKafkaAdminClient(bootstrap_servers=list(config.bootstrap))
    async with asyncio.timeout(PATIENCE):
        await admin.start()
        try:
            there = set(await admin.list_topics())
            wanted = list(topics)
            described = await admin.describe_topics([topic for topic in wanted if topic in there])
        finally:
            await admin.close()
    sound = {each["topic"] for each in described if len(each["partitions"]) == config.partitions}
    return [topic for topic in wanted if topic not in sound]
