"""A cycle on the bench: two lanes of one partition number, and a producer whose broker is a list."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.lane.declare import Record, Topic
from app.lane.partition import partition_of
from tests.lane.depot import PARTITIONS, Flat, flat

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiokafka import TopicPartition

    from app.lane.batch import Stats
    from app.lane.cycle import Cycle
    from app.lane.lane import Lane
    from app.lane.plan import Plan
    from app.lane.rows import Rows


HERE = 1
A, B, *_ = (key for key in (b"p-%d" % n for n in range(99)) if partition_of(key, PARTITIONS) == HERE)
FOREIGN = next(key for key in (b"p-%d" % n for n in range(99)) if partition_of(key, PARTITIONS) == 2)


@dataclass
class Acknowledged:
    """What a broker says of a batch."""

    offset: int


@dataclass
class Wire:
    """A producer whose broker is a list. `failing` raises at a step, once."""

    create_batch: Callable[[], Any]
    done: list[str] = field(default_factory=list)
    sent: list[tuple[str, int, int]] = field(default_factory=list)  # topic, partition, records
    positions: dict[TopicPartition, int] = field(default_factory=dict)
    failing: dict[str, Exception] = field(default_factory=dict)
    gate: asyncio.Event | None = None  # commits wait for it
    offset: int = 100

    async def begin(self) -> None:
        self._step("begin")

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> asyncio.Future[Acknowledged]:
        self._step(f"send {topic}")
        answer: asyncio.Future[Acknowledged] = asyncio.get_running_loop().create_future()
        self.sent.append((topic, partition, batch.record_count()))
        answer.set_result(Acknowledged(self.offset))
        return answer

    async def send_positions(self, positions: dict[TopicPartition, int]) -> None:
        self._step("fence")
        self.positions = dict(positions)

    async def commit(self) -> None:
        if self.gate is not None:
            await self.gate.wait()
        self._step("commit")

    def _step(self, name: str) -> None:
        self.done.append(name)
        if name in self.failing:
            raise self.failing.pop(name)


@dataclass
class Bench:
    """A cycle on the bench: two lanes of one partition number, and a producer that notes what it is told."""

    cycle: Cycle
    lanes: dict[str, Lane]
    rows: Rows
    wire: Wire
    stats: Stats
    plan: Plan

    def feed(self, topic: Topic, *records: tuple[bytes | None, bytes | None]) -> None:
        lane = self.lanes[topic.name]
        begin = lane.wanted
        made = [Record(topic.name, HERE, begin + n, 0, key, value) for n, (key, value) in enumerate(records)]
        lane.feed(made, begin + len(made))
        self.cycle.wake.set()

    async def decide(self) -> list[Flat]:
        batch = self.cycle.take()
        assert batch is not None
        await self.cycle.decide(batch)
        self.cycle.launch(batch)
        return flat(batch.outputs)

    async def deliver(self) -> None:
        batch = self.cycle.take()
        assert batch is not None
        await self.cycle.decide(batch)
        self.cycle.launch(batch)
        await self.cycle.deliver(batch)
