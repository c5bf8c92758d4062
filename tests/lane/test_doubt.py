"""What became of a transaction is told by the positions, and only by them."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from app.lane import doubt
from app.lane.batch import Moves, Stats
from app.lane.doubt import Gone, resolve
from app.lane.fencing import Member
from tests.lane.depot import depot_config

if TYPE_CHECKING:
    from pathlib import Path

ROWS = TopicPartition("depot-rows", 1)
ONE, TWO = TopicPartition("parcels", 1), TopicPartition("depot-loads", 1)
Positions = dict[TopicPartition, int]


class Brokers:
    """What the brokers say, call by call. An exception is raised."""

    def __init__(self, *answers: Positions | Exception) -> None:
        self._answers = iter(answers)
        self.producers: list[Producer] = []

    async def start(self, *_: object) -> Producer:
        self.producers.append(Producer())
        return self.producers[-1]

    async def barrier(
        self, producer: Producer, partitions: list[TopicPartition], _: float
    ) -> dict[TopicPartition, int]:
        assert producer is self.producers[-1]
        assert list(partitions) == [ROWS]
        return {}

    async def read_positions(self, _: object, before: Positions, start: Positions, __: object) -> Positions:
        assert start == {ROWS: 77}
        assert before.keys() <= {ONE, TWO}
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Producer:
    """A producer that may be given up."""

    abandoned = False

    async def abandon(self) -> None:
        self.abandoned = True


async def ask(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, brokers: Brokers, before: Any, after: Any,
    stats: Stats | None = None,
) -> bool:  # fmt: skip
    monkeypatch.setattr(doubt, "LaneProducer", brokers)
    monkeypatch.setattr(doubt, "barrier", brokers.barrier)
    monkeypatch.setattr(doubt, "read_positions", brokers.read_positions)
    old: Any = Producer()
    made: Any
    made, committed = await resolve(
        depot_config(tmp_path), Member(1, "m", "w1"), old, Moves(before, after, {ROWS: 77}), stats or Stats()
    )
    assert old.abandoned
    assert made is brokers.producers[-1]
    return committed


@pytest.mark.parametrize(
    ("found", "committed"),
    [
        ({ONE: 9, TWO: 4}, True),
        ({ONE: 5, TWO: 3}, False),
    ],
)
async def test_the_positions_tell_whether_it_was_committed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, found: Positions, *, committed: bool
) -> None:
    assert committed is await ask(monkeypatch, tmp_path, Brokers(found), {ONE: 5, TWO: 3}, {ONE: 9, TWO: 4})


@pytest.mark.parametrize("found", [{ONE: 9, TWO: 3}, {ONE: 10, TWO: 4}, {ONE: 4, TWO: 3}])
async def test_positions_that_are_neither_mean_that_somebody_else_was_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, found: Positions
) -> None:
    with pytest.raises(Gone):
        await ask(monkeypatch, tmp_path, Brokers(found), {ONE: 5, TWO: 3}, {ONE: 9, TWO: 4})


async def test_it_asks_until_the_brokers_answer_with_a_new_producer_each_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def no_pause(_: float) -> None: ...

    monkeypatch.setattr(asyncio, "sleep", no_pause)
    brokers = Brokers(KafkaConnectionError(), TimeoutError(), {ONE: 9})
    began, stats = time.monotonic(), Stats()
    assert await ask(monkeypatch, tmp_path, brokers, {ONE: 5}, {ONE: 9}, stats)
    assert [producer.abandoned for producer in brokers.producers] == [True, True, False]
    assert stats.outage_at >= began, "an outage, which excuses that nothing moves"
