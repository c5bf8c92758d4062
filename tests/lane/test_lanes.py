"""What the rest of the process sees of the lanes: rows of an owner only, while the group has heard of it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import TopicPartition

from app.lane.cycle import Cycle
from app.lane.declare import Record
from app.lane.doubt import Gone
from app.lane.fencing import Member, StaleMember
from app.lane.fetching import Fetched
from app.lane.lane import Lane
from app.lane.lanes import Lanes
from app.lane.partition import partition_of
from app.lane.tenure import Tenure
from tests.lane.depot import AGENTS, LETTERS, PARCELS, PARTITIONS, WEIGHTS, depot_config, weigh_parcels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SESSION = 6.0
ACTIVE, STANDBY, OTHER = 1, 2, 3
SOURCE = TopicPartition(PARCELS.name, ACTIVE)


@pytest.fixture
def lanes(tmp_path: Path) -> Iterator[Lanes]:
    """A live tenure made by hand: one active partition, one standby, both with a row."""
    config = depot_config(tmp_path, session_timeout=SESSION)
    lanes = Lanes(config, AGENTS, LETTERS)
    tenure = Tenure(
        config,
        lanes.plan,
        lanes.stores,
        lanes.stats,
        Member(7, "m", "w1"),
        [ACTIVE],
        [STANDBY],
        lanes.appetite,
    )
    rows: Any = None
    tenure.lanes = {SOURCE: Lane(SOURCE, weigh_parcels, rows, 0, 10, lanes.appetite)}
    producer: Any = None
    tenure.cycle = Cycle(
        config, lanes.plan, tenure.member, list(tenure.lanes.values()), producer, lanes.stats
    )
    for partition in (ACTIVE, STANDBY):
        prefix = lanes.plan.prefix[WEIGHTS]
        changes = [(prefix + key, b"5") for key in (b"a", b"ab", b"b")]
        lanes.stores.open(partition).apply(
            [*changes, (b"weightsx\0a", b"9"), (b"weight\0a", b"9")], [("log", 1)]
        )
    tenure.live = True
    lanes.tenure = tenure
    lanes.renew(time.monotonic())
    yield lanes
    lanes.tenure = None
    lanes.stores.close()


def record(offset: int) -> Record:
    return Record(PARCELS.name, ACTIVE, offset, 0, b"k", b"n 5")


# ---------------------------------------------------------------- owning


def test_the_owner_reads_its_rows(lanes: Lanes) -> None:
    reader = lanes.reader(WEIGHTS, ACTIVE)
    assert reader is not None
    assert (reader.get(b"a"), reader.get(b"c")) == (b"5", None)
    assert reader.scan(b"a", b"b", 9) == [(b"a", b"5"), (b"ab", b"5")]
    assert reader.scan(b"", b"\xff", 2) == [(b"a", b"5"), (b"ab", b"5")]
    assert len(reader.scan(b"", b"\xff", 9)) == 3, "no row of another table"


@pytest.mark.parametrize("partition", [STANDBY, OTHER])
def test_nobody_reads_what_this_worker_does_not_own(lanes: Lanes, partition: int) -> None:
    assert lanes.reader(WEIGHTS, partition) is None


def test_an_owner_that_recovers_answers_nothing(lanes: Lanes) -> None:
    assert lanes.tenure is not None
    lanes.tenure.live = False
    assert lanes.reader(WEIGHTS, ACTIVE) is None
    assert not lanes.owning
    assert lanes.status()["ready"] is False


def test_an_owner_of_which_the_group_has_not_heard_for_a_session_answers_nothing(
    lanes: Lanes, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.monotonic()
    lanes._lease = 0.0
    lanes.renew(now)
    owning = {}
    for later in (SESSION - 0.1, SESSION + 0.1):
        monkeypatch.setattr(time, "monotonic", lambda later=later: now + later)
        owning[later] = lanes.owning
    assert owning == {SESSION - 0.1: True, SESSION + 0.1: False}
    assert lanes.reader(WEIGHTS, ACTIVE) is None
    assert lanes.status()["ready"] is False
    lanes.renew(now + 2)
    assert lanes.owning, "a heartbeat that was answered renews the lease"


def test_an_answer_to_an_older_heartbeat_does_not_shorten_the_lease(lanes: Lanes) -> None:
    lease = lanes._lease
    lanes.renew(time.monotonic() - SESSION)
    assert lanes._lease == lease


def test_a_worker_without_an_assignment_owns_nothing(lanes: Lanes) -> None:
    lanes.tenure = None
    assert not lanes.owning
    assert lanes.reader(WEIGHTS, ACTIVE) is None
    assert lanes.hungry() == set()
    assert lanes.stuck(0) == []
    assert lanes.status() == {
        "ready": False,
        "generation": None,
        "active": [],
        "standby": [],
        "recovering": None,
        "lost_for_s": None,
    }


def test_the_status_tells_what_is_owned_and_how_far_a_recovery_is(lanes: Lanes) -> None:
    status = lanes.status()
    assert (status["ready"], status["generation"], status["active"], status["standby"]) == (True, 7, [1], [2])
    assert status["recovering"] is None
    assert lanes.tenure is not None
    lanes.tenure.live = False
    lanes.tenure.progress.begin({SOURCE: 0}, {SOURCE: 9})
    assert lanes.status()["recovering"].endswith("1 partitions and 10 records left")


def test_a_key_is_asked_for_where_java_puts_it(lanes: Lanes) -> None:
    assert [lanes.partition_of(b"%d" % n) for n in range(20)] == [
        partition_of(b"%d" % n, PARTITIONS) for n in range(20)
    ]


def test_who_owns_a_partition_is_not_known_before_the_app_says_so(lanes: Lanes) -> None:
    assert lanes.owner_url(ACTIVE) is None
    lanes.owners = {ACTIVE: "http://w1"}.get
    assert lanes.owner_url(ACTIVE) == "http://w1"


# ---------------------------------------------------------------- fed


def test_only_lanes_that_are_not_full_are_fetched(lanes: Lanes) -> None:
    assert lanes.hungry() == {SOURCE}
    lanes.feed(lanes.tenure, [Fetched(SOURCE, [record(n) for n in range(10)], 10)])
    assert lanes.hungry() == set()
    assert lanes.sources() == {SOURCE}
    assert lanes.appetite.is_set(), "the consumer is told at once"


def test_what_is_fed_wakes_the_cycle(lanes: Lanes) -> None:
    assert lanes.tenure is not None
    assert lanes.tenure.cycle is not None
    lanes.feed(lanes.tenure, [Fetched(SOURCE, [], 0)])
    assert not lanes.tenure.cycle.wake.is_set()
    lanes.feed(lanes.tenure, [Fetched(SOURCE, [record(0)], 1)])
    assert lanes.tenure.cycle.wake.is_set()


def test_records_of_a_partition_that_was_taken_away_are_ignored(lanes: Lanes) -> None:
    assert lanes.tenure is not None
    lanes.feed(lanes.tenure, [Fetched(TopicPartition(PARCELS.name, OTHER), [record(0)], 1)])
    lanes.tenure.lanes = {}
    lanes.feed(lanes.tenure, [Fetched(SOURCE, [record(0)], 1)])
    over, lanes.tenure = lanes.tenure, None
    lanes.feed(over, [Fetched(SOURCE, [record(0)], 1)])
    lanes.feed(None, [Fetched(SOURCE, [record(0)], 1)])


def test_a_partition_is_stuck_when_it_has_work_and_does_not_commit(
    lanes: Lanes, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lanes.tenure is not None
    lane = lanes.tenure.lanes[SOURCE]
    later = time.monotonic() + 100
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert lanes.stuck(60) == [], "an idle partition is not stuck"
    lanes.feed(lanes.tenure, [Fetched(SOURCE, [record(0), record(1)], 2)])
    lane.moved_at = later - 61
    assert lanes.stuck(60) == [ACTIVE]
    assert lanes.stuck(62) == []
    lane.take(1, 1000)
    lane.committed(1, 1)
    lane.moved_at = later
    assert lanes.stuck(60) == []
    lane.take(1, 1000)
    lane.committed(1, 2)
    lane.moved_at = later - 61
    assert lanes.stuck(60) == []


# ---------------------------------------------------------------- lost


@pytest.mark.parametrize("lost", [StaleMember("IllegalGeneration"), Gone("moved")])
async def test_a_worker_that_lost_its_lanes_stops_answering_and_exits_if_nothing_comes(
    lanes: Lanes, monkeypatch: pytest.MonkeyPatch, lost: Exception
) -> None:
    told = await _lose(lanes, monkeypatch, lost, grace=0.0)
    assert [str(error) for error in told] == [f"no new assignment 0.0 s after {lost!r}"]
    assert not lanes.owning
    assert lanes.status()["lost_for_s"] is not None


async def test_any_other_failure_ends_the_worker_at_once(
    lanes: Lanes, monkeypatch: pytest.MonkeyPatch
) -> None:
    bug = RuntimeError("a bug of the engine")
    assert await _lose(lanes, monkeypatch, bug, grace=1000.0) == [bug]
    assert not lanes.owning


async def _lose(
    lanes: Lanes, monkeypatch: pytest.MonkeyPatch, error: Exception, grace: float
) -> list[BaseException]:
    tenure = lanes.tenure
    assert tenure is not None
    tenure.cycle = None  # no open transaction to end
    told: list[BaseException] = []

    async def run(*_: object) -> None:
        raise error

    async def crash(why: BaseException) -> None:
        told.append(why)

    async def go_live(_: object) -> None:
        raise AssertionError("never")

    monkeypatch.setattr(tenure, "run", run)
    object.__setattr__(lanes.config, "lost_grace", grace)
    async with asyncio.timeout(60):
        await lanes._serve(tenure, go_live, crash)
    return told


def test_a_partition_that_is_not_heard_of_is_stuck(lanes: Lanes) -> None:
    assert lanes.tenure is not None
    lanes.tenure.lanes[SOURCE].heard_at = time.time() - 61
    assert lanes.stuck(60) == [ACTIVE]
    lanes.heard({SOURCE: time.time(), TopicPartition(PARCELS.name, OTHER): 0.0})
    assert lanes.stuck(60) == []
    lanes.heard({SOURCE: time.time() - 90})  # an answer that came late
    assert lanes.stuck(60) == []


def test_a_take_over_that_stands_still_is_stuck_but_not_while_the_brokers_fail_us(lanes: Lanes) -> None:
    assert lanes.tenure is not None
    lanes.tenure.live = False
    lanes.tenure.progress.moved_at = time.monotonic() - 61
    assert lanes.stuck(60) == [ACTIVE]
    lanes.stats.outage_at = time.monotonic() - 5
    assert lanes.stuck(60) == []


def test_a_take_over_that_goes_on_is_not_stuck(lanes: Lanes) -> None:
    assert lanes.tenure is not None
    lanes.tenure.live = False
    progress = lanes.tenure.progress
    progress.begin({SOURCE: 0}, {SOURCE: 9})
    progress.moved_at = time.monotonic() - 61
    assert lanes.stuck(60) == [ACTIVE]
    progress.advance(SOURCE, 1, 1)
    assert lanes.stuck(60) == []


@pytest.mark.parametrize(("deadline", "excused"), [(10.0, 30.0), (40.0, 80.0)])
def test_an_outage_excuses_what_does_not_move_for_half_a_minute_or_two_deadlines(
    lanes: Lanes, deadline: float, excused: float
) -> None:
    object.__setattr__(lanes.config, "transaction_deadline", deadline)
    assert lanes.tenure is not None
    lanes.feed(lanes.tenure, [Fetched(SOURCE, [record(0)], 1)])
    lanes.tenure.lanes[SOURCE].moved_at = time.monotonic() - 100
    lanes.stats.outage_at = time.monotonic() - excused + 5
    assert lanes.stuck(60) == []
    lanes.stats.outage_at = time.monotonic() - excused - 5
    assert lanes.stuck(60) == [ACTIVE]
