"""What a stranger sees of the brokers: produces records, reads topics, measures lag. It knows nothing of the engine."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from app.lane.declare import Record

LARGE = 1_040_000  # bytes: what a broker takes at most, unless it is told otherwise
Isolation = Literal["read_committed", "read_uncommitted"]


class Sent(NamedTuple):
    """A record to produce. `partition` is explicit: a test says where, and may say it wrongly."""

    partition: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class Kafka:
    """One producer, one admin client; consumers as they are needed."""

    def __init__(self, bootstrap: str, partitions: int) -> None:
        self._bootstrap, self._partitions = bootstrap, partitions
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap, max_batch_size=LARGE, max_request_size=LARGE
        )
        self._admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)

    async def __aenter__(self) -> Self:
        await self._producer.start()
        await self._admin.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._producer.stop()
        await self._admin.close()

    async def create(self, name: str, partitions: int, **settings: str) -> None:
        """Create a topic. In the names of settings, underscores are dots."""
        configs = {key.replace("_", "."): value for key, value in settings.items()}
        answer = await self._admin.create_topics([NewTopic(name, partitions, 1, topic_configs=configs)])
        assert answer.topic_errors[0][1] == 0, answer

    async def send(self, topic: str, records: Sequence[Sent]) -> list[int]:
        """Produce in this order, one batch for each partition. Returns the offsets."""
        batches = {record.partition: self._producer.create_batch() for record in records}
        places = []
        for partition, key, value, headers in records:
            batch = batches[partition]
            places.append((partition, batch.record_count()))
            added = batch.append(timestamp=None, key=key, value=value, headers=list(headers))
            assert added is not None, "the batch is full"
        sends = [await self._producer.send_batch(b, topic, partition=p) for p, b in batches.items()]
        first = dict(zip(batches, await asyncio.gather(*sends), strict=True))
        return [first[partition].offset + index for partition, index in places]

    async def send_and_abort(self, topic: str, records: Iterable[Sent]) -> None:
        """Produce in a transaction, and abort it: the partitions end in records that never were, and a marker."""
        producer = AIOKafkaProducer(bootstrap_servers=self._bootstrap, transactional_id="a-stranger")
        await producer.start()
        try:
            await producer.begin_transaction()
            for partition, key, value, _ in records:
                await producer.send_and_wait(topic, value, key, partition)
            await producer.abort_transaction()
        finally:
            await producer.stop()

    async def read(self, topic: str) -> list[Record]:
        """Return all committed records of a topic: by partition, then by offset."""
        tps = [TopicPartition(topic, number) for number in range(self._partitions)]
        async with _Consumer(self._bootstrap, "read_committed") as consumer:
            consumer.assign(tps)
            await consumer.seek_to_beginning(*tps)
            ends = await consumer.end_offsets(tps)
            found: list[Any] = []
            async with asyncio.timeout(90):
                while any([await consumer.position(tp) < end for tp, end in ends.items()]):
                    for records in (await consumer.getmany(timeout_ms=200)).values():
                        found += records
        return sorted(found, key=lambda record: (record.partition, record.offset))

    async def ends(self, topic: str, isolation: Isolation = "read_uncommitted") -> dict[int, int]:
        """Return the end of each partition: the last stable offset for read_committed."""
        tps = [TopicPartition(topic, number) for number in range(self._partitions)]
        async with _Consumer(self._bootstrap, isolation) as consumer:
            return {tp.partition: end for tp, end in (await consumer.end_offsets(tps)).items()}

    async def lag(self, group: str, topics: Iterable[str]) -> dict[tuple[str, int], int]:
        """Return the partitions on which what the group has committed is not the end, and by how much."""
        offsets = await self._admin.list_consumer_group_offsets(group)
        committed = {(tp.topic, tp.partition): found.offset for tp, found in offsets.items()}
        behind = {}
        for topic in topics:
            for number, end in (await self.ends(topic)).items():
                at = committed.get((topic, number), 0)
                if at != end:
                    behind[topic, number] = end - at
        return behind

    async def settled(self, group: str, topics: Iterable[str], seconds: float = 90) -> None:
        """Wait until the group has read these topics to their very ends, as lag tools see it."""
        topics, behind = tuple(topics), {}

        async def no_lag() -> bool:
            nonlocal behind
            behind = await self.lag(group, topics)
            return not behind

        await eventually(lambda: f"lag 0 of {group} on {topics}, now {behind}", no_lag, seconds)


class _Consumer:
    def __init__(self, bootstrap: str, isolation: Isolation) -> None:
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            isolation_level=isolation,
            enable_auto_commit=False,
            max_partition_fetch_bytes=LARGE,
        )

    async def __aenter__(self) -> AIOKafkaConsumer:
        await self._consumer.start()
        return self._consumer

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()


async def eventually(
    what: Callable[[], str], happened: Callable[[], Awaitable[bool]], seconds: float
) -> None:
    """Return when it has happened. Raises AssertionError that says what was waited for."""
    deadline = time.monotonic() + seconds
    while not await happened():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what()}")
        await asyncio.sleep(0.05)


def causes(letter: Record) -> dict[str, str]:
    """Return the headers in which a dead letter tells why."""
    return {
        name.removeprefix("dead-letter-"): (value or b"").decode()
        for name, value in letter.headers
        if name.startswith("dead-letter-")
    }


def where(letter: Record) -> tuple[str, int, int]:
    """Return which record a dead letter is of."""
    facts: Mapping[str, str] = causes(letter)
    return facts["topic"], int(facts["partition"]), int(facts["offset"])
