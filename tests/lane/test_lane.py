"""A lane's queue: nothing twice, nothing lost, never more than asked for."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import TopicPartition
from hypothesis import given, settings
from hypothesis import strategies as some

from app.lane.declare import Record
from app.lane.lane import Lane
from tests.lane.depot import weigh_parcels

if TYPE_CHECKING:
    from collections.abc import Iterable

HIGH = 10
MANY = 1 << 30


def records(offsets: Iterable[int], size: int = 1) -> list[Record]:
    return [Record("parcels", 0, offset, 0, b"k", bytes(size)) for offset in offsets]


def offsets(taken: list[Record]) -> list[int]:
    return [record.offset for record in taken]


@pytest.fixture
def lane() -> Lane:
    rows: Any = None
    return Lane(
        TopicPartition("parcels", 0), weigh_parcels, rows, position=5, high=HIGH, appetite=asyncio.Event()
    )


def test_a_lane_with_nothing_is_not_ready(lane: Lane) -> None:
    assert not lane.ready
    lane.feed([], 5)
    assert not lane.ready


def test_what_was_fed_is_taken_in_order_with_the_position_behind_it(lane: Lane) -> None:
    lane.feed(records([5, 6, 9]), 10)
    lane.feed(records([10]), 12)
    taken, position = lane.take(100, MANY)
    assert offsets(taken) == [5, 6, 9, 10]
    assert position == 12, "markers and aborted records behind the last one are passed with it"
    assert not lane.ready


def test_what_was_seen_before_is_dropped(lane: Lane) -> None:
    lane.feed(records([3, 4, 5, 6]), 7)
    lane.feed(records([5, 6]), 7)
    lane.feed(records([6, 7]), 8)
    assert offsets(lane.take(100, MANY)[0]) == [5, 6, 7]
    lane.feed(records([7, 8]), 9)
    assert offsets(lane.take(100, MANY)[0]) == [8]
    assert lane.pending == 4


def test_a_position_from_before_never_moves_the_lane_back(lane: Lane) -> None:
    lane.feed(records([5]), 6)
    lane.feed([], 3)
    assert lane.take(100, MANY)[1] == 6


def test_no_more_records_are_taken_than_asked_for(lane: Lane) -> None:
    lane.feed(records(range(5, 9)), 9)
    lane.feed(records(range(9, 12)), 15)
    assert [(offsets(taken), position) for taken, position in (lane.take(3, MANY) for _ in range(3))] == [
        ([5, 6, 7], 8),
        ([8, 9, 10], 11),
        ([11], 15),
    ]


def test_no_more_bytes_are_taken_than_asked_for_but_always_one_record(lane: Lane) -> None:
    lane.feed(records([5, 6, 7], size=40), 8)
    lane.feed(records([8], size=500), 9)
    lane.feed(records([9], size=10), 10)
    sizes = [(offsets(taken), position) for taken, position in (lane.take(100, 100) for _ in range(4))]
    assert sizes == [([5, 6], 7), ([7], 8), ([8], 9), ([9], 10)]


def test_a_record_without_a_value_weighs_nothing(lane: Lane) -> None:
    lane.feed([record._replace(value=None) for record in records([5, 6])], 7)
    assert offsets(lane.take(100, 1)[0]) == [5, 6]


def test_a_lane_is_ready_for_markers_alone_once_nothing_is_pending(lane: Lane) -> None:
    lane.feed(records([5]), 6)
    lane.take(100, MANY)
    lane.feed([], 8)  # the marker of a transaction, and another
    ready = [lane.ready]  # no: the position of the record before is on its way, and must not be overtaken
    lane.committed(1, 6)
    ready.append(lane.ready)
    assert lane.take(100, MANY) == ([], 8)
    ready.append(lane.ready)
    lane.committed(0, 8)
    ready.append(lane.ready)
    assert ready == [False, True, False, False]


def test_a_full_lane_is_hungry_again_below_half(lane: Lane) -> None:
    full = []

    def note() -> None:
        full.append(lane.full)

    lane.feed(records(range(5, 14)), 14)
    note()
    lane.feed(records([14]), 15)
    note()
    lane.take(5, MANY)
    note()  # taken is not committed
    lane.committed(5, 10)
    note()  # half is not below half
    lane.take(1, MANY)
    lane.committed(1, 11)
    note()
    assert full == [False, True, True, True, False]


def test_a_lane_counts_as_moving_when_it_commits_and_when_it_gets_its_first_work(lane: Lane) -> None:
    lane.moved_at = 0.0
    lane.feed(records([5]), 6)
    got_work = lane.moved_at
    assert got_work > 0
    lane.moved_at = 1.0
    lane.feed(records([6]), 7)
    assert lane.moved_at == 1.0, "more work is no progress"
    lane.take(1, MANY)
    lane.committed(1, 6)
    assert lane.moved_at >= got_work


def test_a_lane_with_work_is_stuck_since_its_last_commit_however_often_it_is_heard_of(
    lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    lane.feed(records([5, 6]), 7)
    now += 70
    lane.feed([], 7)
    lane.heard_at = time.time()
    assert lane.stuck_for() == pytest.approx(70)
    lane.take(1, MANY)
    lane.committed(1, 6)
    now += 5
    assert lane.stuck_for() == pytest.approx(5), "one record was committed, and one waits"


def test_a_lane_without_work_is_stuck_since_it_was_last_heard_of(
    lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = time.time()
    monkeypatch.setattr(time, "time", lambda: began + 70)
    lane.moved_at = 0.0
    lane.heard_at = began
    assert lane.stuck_for() == pytest.approx(70)
    lane.heard_at = began + 60
    assert lane.stuck_for() == pytest.approx(10)


@settings(deadline=None, max_examples=100)
@given(
    chunks=some.lists(some.tuples(some.integers(0, 6), some.integers(0, 3)), max_size=12),
    counts=some.lists(some.integers(1, 5), min_size=1),
    size=some.integers(1, 12),
)
def test_whatever_is_fed_and_taken_every_record_comes_once_and_in_order(
    chunks: list[tuple[int, int]], counts: list[int], size: int
) -> None:
    rows: Any = None
    lane = Lane(
        TopicPartition("parcels", 0), weigh_parcels, rows, position=0, high=HIGH, appetite=asyncio.Event()
    )
    end, fed = 0, []
    for many, markers in chunks:
        chunk = records(range(end, end + many), size=3)
        fed += offsets(chunk)
        end += many + markers
        lane.feed(chunk, end)
    seen: list[int] = []
    turns = 0
    while lane.ready:
        taken, position = lane.take(counts[turns % len(counts)], size)
        assert position == (end if len(seen) + len(taken) == len(fed) else taken[-1].offset + 1)
        assert len(taken) <= 1 or len(taken) * 3 <= size
        seen += offsets(taken)
        lane.committed(len(taken), position)
        turns += 1
    assert seen == fed
    assert (lane.pending, lane.position) == (0, end)
