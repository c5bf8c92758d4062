"""What is fetched is handed over at once: all that came before an error, and nothing of an old position."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer import consumer
from aiokafka.consumer import fetcher as upstream
from aiokafka.errors import CorruptRecordException

from app.lane import fetching
from app.lane.fetching import Fetched, Fetcher

if TYPE_CHECKING:
    from collections.abc import Iterator

TP, OTHER = TopicPartition("t", 0), TopicPartition("t", 1)
fetching.install()


class Unpacked:
    """An answer of one partition: some records, then perhaps a batch that is broken."""

    def __init__(self, *records: str, begin: int = 0, broken: bool = False) -> None:
        self.next_fetch_offset = begin
        self._records, self._broken = records, broken

    def __iter__(self) -> Iterator[str]:
        for record in self._records:
            self.next_fetch_offset += 1
            yield record
        if self._broken:
            raise CorruptRecordException("the checksum is wrong")


class Position:
    has_valid_position = True

    def __init__(self, position: int) -> None:
        self.position = position

    def consumed_to(self, position: int) -> None:
        self.position = position


@pytest.fixture
def at() -> dict[TopicPartition, Position]:
    return {TP: Position(0), OTHER: Position(5)}


@pytest.fixture
def answers() -> dict[TopicPartition, Any]:
    return {}


@pytest.fixture
def fetcher(answers: dict[TopicPartition, Any], monkeypatch: pytest.MonkeyPatch) -> Fetcher:
    made = Fetcher.__new__(Fetcher)
    made._records, made._asked, made._prefetch_backoff = {}, {}, 0.1

    async def proc(self: Any, assignment: Any, *_: Any) -> bool:
        for tp, answer in answers.items():
            if isinstance(answer, Exception):
                self._set_error(tp, answer)
            else:
                self._records[tp] = upstream.FetchResult(
                    tp, assignment=assignment, partition_records=answer, backoff=0
                )
        return bool(answers)

    monkeypatch.setattr(upstream.Fetcher, "_proc_fetch_request", proc)
    return made


async def fetch(
    fetcher: Fetcher, at: dict[TopicPartition, Position], *, active: bool = True
) -> list[Fetched]:
    found: list[Fetched] = []
    fetcher.deliver = found.extend
    await fetcher._proc_fetch_request(SimpleNamespace(active=active, state_value=at.get), 1, None)
    return found


def test_consumers_fetch_with_it() -> None:
    assert consumer.Fetcher is Fetcher


async def test_an_answer_is_handed_over_and_its_partition_is_free_for_the_next_fetch(
    fetcher: Fetcher, at: dict[TopicPartition, Position], answers: dict[TopicPartition, Any]
) -> None:
    answers[TP], answers[OTHER] = Unpacked("a", "b"), Unpacked(begin=5)
    assert await fetch(fetcher, at) == [Fetched(TP, ["a", "b"], 2), Fetched(OTHER, [], 5)]  # type: ignore[list-item]
    assert fetcher._records == {}
    assert at[TP].position == 2


async def test_what_came_before_a_broken_batch_is_not_lost_and_the_error_waits(
    fetcher: Fetcher, at: dict[TopicPartition, Position], answers: dict[TopicPartition, Any]
) -> None:
    answers[TP] = Unpacked("a", broken=True)
    assert await fetch(fetcher, at) == [Fetched(TP, ["a"], 1)]  # type: ignore[list-item]
    with pytest.raises(CorruptRecordException):
        fetcher._records[TP].check_raise()


async def test_an_answer_to_an_old_position_is_dropped(
    fetcher: Fetcher, at: dict[TopicPartition, Position], answers: dict[TopicPartition, Any]
) -> None:
    answers[TP] = Unpacked("a")
    at[TP].position = 7  # somebody sought meanwhile
    assert await fetch(fetcher, at) == []
    assert (fetcher._records, at[TP].position) == ({}, 7)


async def test_errors_and_answers_to_a_former_assignment_are_not_handed_over(
    fetcher: Fetcher, at: dict[TopicPartition, Position], answers: dict[TopicPartition, Any]
) -> None:
    answers[TP] = OSError("gone")
    assert await fetch(fetcher, at) == []
    with pytest.raises(OSError, match="gone"):
        fetcher._records.pop(TP).check_raise()
    answers[TP] = Unpacked("a")
    assert await fetch(fetcher, at, active=False) == []


async def test_a_broker_is_not_asked_twice_within_the_pace_and_a_cancelled_wait_ends_quietly(
    fetcher: Fetcher, at: dict[TopicPartition, Position]
) -> None:
    await fetch(fetcher, at)
    fetcher.pace = 3600.0
    waiting = asyncio.create_task(fetch(fetcher, at))
    await asyncio.sleep(0)
    waiting.cancel()
    assert await waiting == [], "as upstream: whoever cancels a fetch awaits it"
