"""A turn: what it sees, where its records go, what it refuses, and that undoing leaves nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.lane.declare import Keep, Record, Topic
from app.lane.partition import partition_of
from app.lane.plan import Plan
from app.lane.rows import Rows
from app.lane.turn import TooLarge, Turn
from tests.lane.depot import AGENTS, DIARY, FACTS, LETTERS, LOADS, PARTITIONS, WEIGHTS, depot_config, flat

if TYPE_CHECKING:
    from pathlib import Path

HERE = 2  # the partition of all these lanes
KEY = next(b"p-%d" % n for n in range(99) if partition_of(b"p-%d" % n, PARTITIONS) == HERE)
ELSEWHERE = next(b"p-%d" % n for n in range(99) if partition_of(b"p-%d" % n, PARTITIONS) != HERE)
LIMIT = 1000


class Shelf:
    """A store in memory."""

    def __init__(self, rows: dict[bytes, bytes]) -> None:
        self.get = rows.get


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan(depot_config(tmp_path), AGENTS, LETTERS)


@pytest.fixture
def rows(plan: Plan) -> Rows:
    return _rows(plan, {plan.prefix[WEIGHTS] + b"stored": b"7", plan.prefix[DIARY] + b"stored\x001": b"1 7"})


@pytest.fixture
def turn(plan: Plan, rows: Rows) -> Turn:
    turn = Turn(plan, PARTITIONS, LIMIT)
    turn.begin("2026-01-01T00:00:00.000Z", 1_767_225_600_000)
    turn.enter(rows)
    turn.record = Record("parcels", HERE, 0, 0, KEY, b"")
    return turn


def _rows(plan: Plan, stored: dict[bytes, bytes]) -> Rows:
    shelf: Any = Shelf(stored)
    return Rows(HERE, shelf, plan, cap=2)


def test_a_turn_sees_what_is_stored(turn: Turn) -> None:
    assert turn.get(WEIGHTS, b"stored") == 7
    assert turn.get(DIARY, b"stored\x001") == b"1 7"
    assert turn.get(WEIGHTS, b"nothing") is None
    assert turn.partition == HERE


def test_a_turn_sees_what_earlier_records_of_its_cycle_did(turn: Turn) -> None:
    turn.put(WEIGHTS, b"a", 1)
    turn.delete(WEIGHTS, b"stored")
    turn.emit(FACTS, KEY, b"1 5")
    turn.steps.clear()
    assert turn.get(WEIGHTS, b"a") == 1
    assert turn.get(WEIGHTS, b"stored") is None
    assert turn.get(DIARY, KEY + b"\x001") == b"1 5", "what goes to the topic of a table is a row at once"


def test_a_turn_sees_what_the_cycle_under_way_did_and_its_own_cycle_over_it(turn: Turn, rows: Rows) -> None:
    turn.put(WEIGHTS, b"a", 1)
    turn.put(WEIGHTS, b"b", 2)
    turn.delete(WEIGHTS, b"stored")
    turn.emit(FACTS, KEY, b"1 5")
    turn.steps.clear()
    rows.launch()
    turn.begin("later", 1)
    turn.enter(rows)
    turn.put(WEIGHTS, b"b", 22)
    assert (turn.get(WEIGHTS, b"a"), turn.get(WEIGHTS, b"b")) == (1, 22)
    assert turn.get(WEIGHTS, b"stored") is None, "deleted by the cycle under way, not yet in the store"
    assert turn.get(DIARY, KEY + b"\x001") == b"1 5"


def test_undoing_takes_back_everything_of_one_record_and_nothing_of_its_neighbours(
    turn: Turn, rows: Rows
) -> None:
    turn.put(WEIGHTS, b"a", 1)
    turn.emit(FACTS, KEY, b"1 5")
    turn.steps.clear()
    kept = {table: dict(entries) for table, entries in rows.changed.items()}, flat(turn.outputs)

    turn.put(WEIGHTS, b"a", 2)
    turn.put(WEIGHTS, b"a", 3)
    turn.put(WEIGHTS, b"new", 4)
    turn.delete(WEIGHTS, b"stored")
    turn.emit(FACTS, KEY, b"1 9")  # the same row of the table that the topic is
    turn.emit(FACTS, KEY, b"2 9")
    turn.emit(LOADS, b"north", b"9")
    turn.undo()

    assert (rows.changed, flat(turn.outputs)) == kept
    assert turn.get(WEIGHTS, b"stored") == 7
    turn.put(WEIGHTS, b"a", 5)
    turn.steps.clear()
    turn.undo()
    assert turn.get(WEIGHTS, b"a") == 5, "what was kept is not undone by the next record"


def test_a_record_to_the_topic_of_a_table_stays_with_its_lane_whatever_its_key(turn: Turn) -> None:
    turn.emit(FACTS, ELSEWHERE, b"1 5", [("a", b"b")])
    assert flat(turn.outputs) == [(FACTS.name, HERE, ELSEWHERE, b"1 5", [("a", b"b")])]


def test_a_record_with_the_key_of_its_input_stays_with_its_lane(turn: Turn) -> None:
    turn.record = turn.record._replace(key=ELSEWHERE)  # re-keyed before: it lies here, whatever its hash says
    turn.emit(LOADS, ELSEWHERE, b"5")
    assert [output[1] for output in flat(turn.outputs)] == [HERE]


def test_a_record_with_another_key_goes_where_java_would_put_it(turn: Turn) -> None:
    keys = [b"depot-%d" % number for number in range(40)]
    for key in keys:
        turn.emit(LOADS, key, b"5")
    emitted = {at: [key for key, _, _ in outputs] for at, outputs in turn.outputs.items()}
    assert emitted == {
        (LOADS.name, partition): [key for key in keys if partition_of(key, PARTITIONS) == partition]
        for partition in range(PARTITIONS)
    }, "in each partition in the order in which they were emitted"


@pytest.mark.parametrize("where", ["key", "value", "header"])
def test_an_output_that_is_too_large_is_refused_before_it_is_written(turn: Turn, where: str) -> None:
    large = bytes(LIMIT)
    key, value, headers = {
        "key": (large, b"", ()),
        "value": (KEY, large, ()),
        "header": (KEY, b"", [("h", large)]),
    }[where]
    with pytest.raises(TooLarge, match=r"parcel-facts.*limit of 900"):
        turn.emit(FACTS, key, value, headers)
    assert flat(turn.outputs) == []


def test_a_row_that_is_too_large_is_refused(turn: Turn, rows: Rows) -> None:
    with pytest.raises(TooLarge, match="weights"):
        turn.put(WEIGHTS, bytes(LIMIT), 1)
    assert rows.changed[WEIGHTS] == {}


def test_the_largest_output_that_fits_is_taken(turn: Turn) -> None:
    turn.emit(LOADS, b"k", bytes(LIMIT - 100 - 1))
    with pytest.raises(TooLarge):
        turn.emit(LOADS, b"k", bytes(LIMIT - 100))
    assert len(flat(turn.outputs)) == 1


@pytest.mark.parametrize(("key", "value"), [("k", b"v"), (b"k", "v"), (None, b"v"), (b"k", None), (b"k", 1)])
def test_only_bytes_are_emitted(turn: Turn, key: Any, value: Any) -> None:
    with pytest.raises(TypeError, match="depot-loads must be bytes"):
        turn.emit(LOADS, key, value)
    assert flat(turn.outputs) == []


def test_only_bytes_are_keys_of_rows(turn: Turn, rows: Rows) -> None:
    text: Any = "k"
    with pytest.raises(TypeError, match="weights must be bytes"):
        turn.put(WEIGHTS, text, 1)
    assert rows.changed[WEIGHTS] == {}


def test_a_deleted_row_has_a_key_of_bytes(turn: Turn, rows: Rows) -> None:
    text: Any = "k"
    with pytest.raises(TypeError, match="weights must be bytes"):
        turn.delete(WEIGHTS, text)
    assert rows.changed[WEIGHTS] == {}


@pytest.mark.parametrize("headers", [[("h", "text")], [(b"h", b"v")]])
def test_headers_are_names_and_bytes(turn: Turn, headers: Any) -> None:
    with pytest.raises(TypeError, match="a header for depot-loads"):
        turn.emit(LOADS, KEY, b"5", headers)
    assert flat(turn.outputs) == []


@pytest.mark.parametrize("key", [KEY, ELSEWHERE])
def test_a_topic_that_no_agent_declares_takes_nothing(turn: Turn, key: bytes) -> None:
    with pytest.raises(LookupError, match="topic elsewhere"):
        turn.emit(Topic("elsewhere", Keep.A_WHILE, timedelta(days=1)), key, b"1 5")
    assert flat(turn.outputs) == []


def test_a_header_is_measured_in_the_bytes_that_are_written(turn: Turn) -> None:
    with pytest.raises(TooLarge):
        turn.emit(LOADS, KEY, b"5", [("\u20ac" * (LIMIT // 3), b"x")])
    with pytest.raises(UnicodeEncodeError):
        turn.emit(LOADS, KEY, b"5", [("\ud800", b"x")])
    assert flat(turn.outputs) == []


def test_a_topic_without_a_table_makes_no_rows(turn: Turn, rows: Rows) -> None:
    turn.emit(LOADS, b"north", b"1 5")
    assert not any(rows.changed.values())


class Counting(dict[bytes, bytes]):
    """Rows that count how often each is asked for."""

    def __init__(self, plan: Plan, **rows: bytes) -> None:
        super().__init__({plan.prefix[WEIGHTS] + key.encode(): row for key, row in rows.items()})
        self.asked = 0

    def get(self, key: bytes, default: Any = None) -> Any:
        self.asked += 1
        return super().get(key, default)


def test_decoded_rows_are_kept_for_two_generations(plan: Plan) -> None:
    stored = Counting(plan, a=b"1", b=b"2", c=b"3", d=b"4", e=b"5")
    rows = _rows(plan, stored)  # two a generation
    for key, asked in (
        (b"a", 1),
        (b"a", 1),
        (b"b", 2),
        (b"c", 3),
        (b"a", 3),
        (b"d", 4),
        (b"b", 5),
        (b"a", 5),
    ):
        rows.before(WEIGHTS, key)
        assert stored.asked == asked, key
    assert rows.before(WEIGHTS, b"a") == 1


def test_what_has_landed_is_seen_without_asking_the_store(plan: Plan) -> None:
    stored = Counting(plan, a=b"1", gone=b"1")
    rows = _rows(plan, stored)
    assert rows.before(WEIGHTS, b"a") == 1
    assert rows.before(WEIGHTS, b"gone") == 1
    rows.changed[WEIGHTS] = {b"a": (2, b"2"), b"gone": (None, None)}
    rows.launch()
    assert rows.before(WEIGHTS, b"a") == 2
    assert rows.before(WEIGHTS, b"gone") is None, "not out of the memory of decoded rows"
    del stored[plan.prefix[WEIGHTS] + b"gone"]
    rows.landed()
    asked = stored.asked
    assert rows.before(WEIGHTS, b"a") == 2
    assert stored.asked == asked
    assert rows.before(WEIGHTS, b"gone") is None
    assert stored.asked == asked + 1


def test_a_row_deleted_while_it_is_in_the_older_generation_stays_deleted(plan: Plan) -> None:
    stored = Counting(plan, a=b"1", b=b"2", c=b"3")
    rows = _rows(plan, stored)
    for key in (b"a", b"b", b"c"):  # `a` is of the older generation now
        rows.before(WEIGHTS, key)
    rows.changed[WEIGHTS] = {b"a": (None, None)}
    rows.launch()
    del stored[plan.prefix[WEIGHTS] + b"a"]
    rows.landed()
    assert rows.before(WEIGHTS, b"a") is None
