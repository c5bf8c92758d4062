"""An index: written by every lane, on the partition that readers ask, and applied by whoever follows it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.lane.batch import Batch
from app.lane.declare import Index, Keep, Record, Table, Topic, agent
from app.lane.partition import partition_of
from app.lane.plan import Plan
from app.lane.rows import Rows
from app.lane.store import Stores
from app.lane.turn import TooLarge, Turn
from tests.lane.depot import LETTERS, PARTITIONS, depot_config, flat

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HERE, LIMIT = 1, 1000
SALES = Topic("sales", Keep.A_WHILE, timedelta(days=1))
TILLS: Table[int] = Table("tills", encode=lambda row: b"%d" % row, decode=int)
BY_CITY: Index[int] = Index("by-city", encode=lambda row: b"%d" % row, decode=int)
STRAY: Index[int] = Index("stray", encode=lambda row: b"%d" % row, decode=int)


@agent(SALES, decode=lambda record: record, tables=[TILLS, BY_CITY])
def sell(_record: Record, _turn: Turn) -> None:
    """Sell."""


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan(depot_config(tmp_path), [sell], LETTERS)


@pytest.fixture
def rows(plan: Plan, tmp_path: Path) -> Iterator[Rows]:
    stores = Stores(tmp_path / "rows", 16 << 20)
    yield Rows(HERE, stores.open(HERE), plan, 10)
    stores.close()


@pytest.fixture
def turn(plan: Plan, rows: Rows) -> Turn:
    made = Turn(plan, PARTITIONS, LIMIT)
    made.begin("2026-01-01T00:00:00.000Z", 0)
    made.enter(rows)
    made.record = Record(SALES.name, HERE, 0, 0, b"till", b"")
    return made


def test_an_index_has_a_compacted_changelog_that_is_not_the_lanes_own(plan: Plan) -> None:
    assert plan.changelog[BY_CITY] == "depot-indexes"
    assert plan.keep["depot-indexes"] is Keep.LATEST
    assert plan.indexes == {"depot-indexes"}
    assert plan.own == {"depot-rows"}


def test_a_row_goes_to_the_partition_of_what_it_is_asked_by(turn: Turn) -> None:
    cities = [b"city-%d" % number for number in range(20)]
    for city in cities:
        turn.index(BY_CITY, city, city + b"\0till", 5)
    turn.index(BY_CITY, cities[0], cities[0] + b"\0till", None)
    home = {city: partition_of(city, PARTITIONS) for city in cities}
    sent = [(partition, key, value) for _, partition, key, value, _ in flat(turn.outputs)]
    deleted = (home[cities[0]], b"by-city\0" + cities[0] + b"\0till", None)
    assert set(sent) == {deleted, *((home[city], b"by-city\0" + city + b"\0till", b"5") for city in cities)}
    assert sent.index(deleted) > sent.index((*deleted[:2], b"5")), "in the order of the turn"


def test_the_lane_does_not_apply_it_but_whoever_follows_does(plan: Plan, turn: Turn, rows: Rows) -> None:
    turn.put(TILLS, b"till", 3)
    turn.index(BY_CITY, b"oslo", b"oslo\0till", 5)
    batch = Batch([], outputs=turn.outputs, changes=[(rows, rows.launch())])
    batch.next_offsets = dict.fromkeys([at for at, _ in batch.outgoing(plan)], 9)
    ((_, changes, offsets),) = batch.writes(plan)
    assert changes == [(plan.prefix[TILLS] + b"till", b"3")]
    assert offsets == [("depot-rows", 9)], "the follower keeps the offset of an index"
    followed = Record("depot-indexes", 0, 0, 0, plan.prefix[BY_CITY] + b"oslo\0till", b"5")
    assert plan.changes(followed.topic, [followed]) == [(plan.prefix[BY_CITY] + b"oslo\0till", b"5")]


def test_of_what_one_cycle_says_of_a_row_the_last_is_sent(plan: Plan, turn: Turn, rows: Rows) -> None:
    for row in (5, 6, None, 7):
        turn.index(BY_CITY, b"oslo", b"oslo\0till", row)
    turn.index(BY_CITY, b"oslo", b"oslo\0stall", 1)
    batch = Batch([], outputs=turn.outputs, changes=[(rows, rows.launch())])
    sent = [[*records] for at, records in batch.outgoing(plan) if at.topic == "depot-indexes"]
    prefix = plan.prefix[BY_CITY]
    assert sent == [[(prefix + b"oslo\0till", b"7", ()), (prefix + b"oslo\0stall", b"1", ())]]


def test_undoing_takes_its_rows_back(turn: Turn) -> None:
    turn.index(BY_CITY, b"oslo", b"1", 5)
    turn.steps.clear()  # the record before is done
    turn.index(BY_CITY, b"oslo", b"2", 5)
    turn.undo()
    assert [key for _, _, key, _, _ in flat(turn.outputs)] == [b"by-city\x001"]


def test_what_cannot_be_written_is_refused(turn: Turn) -> None:
    with pytest.raises(TooLarge):
        turn.index(BY_CITY, b"oslo", b"k" * LIMIT, 5)
    with pytest.raises(LookupError, match="nobody would follow"):
        turn.index(STRAY, b"oslo", b"k", 5)
    wrong: Any = "oslo"
    with pytest.raises(TypeError, match="must be bytes"):
        turn.index(BY_CITY, wrong, b"k", 5)
    assert flat(turn.outputs) == []
