"""What follows from declarations, and which of them are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.lane.declare import Agent, AnyTable, Keep, Record, Table, Topic, TopicTable, agent
from app.lane.plan import Plan
from app.lane.store import position_key
from tests.lane.depot import (
    AGENTS,
    COUNTS,
    DEPOTS,
    DIARY,
    FACTS,
    LETTERS,
    LOADS,
    PARCELS,
    WEIGHTS,
    depot_config,
    load_depots,
    weigh_parcels,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from app.lane.turn import Turn

AT = position_key(PARCELS.name)


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan(depot_config(tmp_path), AGENTS, LETTERS)


def _agent(name: str, source: Topic, tables: Sequence[AnyTable] = ()) -> Agent[Record]:
    def handler(_: Record, __: Turn) -> None: ...

    handler.__name__ = name
    return agent(source, decode=lambda record: record, tables=tables)(handler)


def test_an_agent_is_named_and_explained_by_its_function() -> None:
    assert weigh_parcels.name == "weigh-parcels"
    assert weigh_parcels.help == "Note each weighing of a parcel, and tell its depot."


def test_tables_share_a_changelog_and_a_topic_table_is_one(plan: Plan) -> None:
    assert plan.tables == (WEIGHTS, COUNTS, DIARY, DEPOTS)
    assert {plan.changelog[table] for table in (WEIGHTS, COUNTS, DEPOTS)} == {"depot-rows"}
    assert plan.changelog[DIARY] == FACTS.name
    assert plan.by_changelog[FACTS.name] == [DIARY]
    assert plan.derived[FACTS.name] == (DIARY,)
    assert plan.derived["depot-rows"] == ()


def test_the_place_of_a_record_is_checked_on_every_source_but_those_that_stay_on_their_lane(
    plan: Plan,
) -> None:
    assert plan.foreign == {PARCELS.name, LOADS.name}


def test_a_source_that_is_a_table_as_well_may_hold_any_key(tmp_path: Path) -> None:
    plan = Plan(depot_config(tmp_path), [weigh_parcels, _agent("read-facts", FACTS)], LETTERS)
    assert plan.foreign == {PARCELS.name}


def test_what_an_agent_declares_to_emit_and_the_dead_letters_may_be_emitted_to(plan: Plan) -> None:
    assert plan.emitted == {FACTS.name, LOADS.name, LETTERS.name}


def test_topics_of_tables_and_dead_letters_stay_with_their_lane(plan: Plan) -> None:
    assert plan.local == {FACTS.name, LETTERS.name}


def test_every_topic_that_is_used_is_known_once(plan: Plan) -> None:
    names = [topic.name for topic in plan.topics]
    assert sorted(names) == sorted([PARCELS.name, FACTS.name, LOADS.name, LETTERS.name, "depot-rows"])
    assert plan.keep["depot-rows"] is Keep.LATEST
    assert plan.keep[FACTS.name] is Keep.EVERYTHING


def test_records_of_a_changelog_become_rows_and_deletions(plan: Plan) -> None:
    changes = plan.changes(
        "depot-rows",
        [
            _record(b"weights\0a", b"1"),
            _record(b"weights\0b", None),
            _record(None, b"barrier"),
            _record(AT, b"7"),
        ],
    )
    assert changes == [(b"weights\0a", b"1"), (b"weights\0b", None), (AT, b"7")], "positions are rows"


def test_records_of_a_topic_become_the_rows_of_its_table(plan: Plan) -> None:
    changes = plan.changes(FACTS.name, [_record(b"a", b"2 70"), _record(None, b"1"), _record(b"a", None)])
    assert changes == [(b"diary\0a\x002", b"2 70")]


def test_one_topic_may_be_several_tables(tmp_path: Path) -> None:
    last: TopicTable[bytes] = TopicTable("last", FACTS, row=lambda key, value: (key, value), decode=bytes)
    plan = Plan(depot_config(tmp_path), [_agent("a", PARCELS, [DIARY, last])], LETTERS)
    assert plan.derived[FACTS.name] == (DIARY, last)
    assert plan.changes(FACTS.name, [_record(b"a", b"2 70")]) == [
        (b"diary\0a\x002", b"2 70"),
        (b"last\0a", b"2 70"),
    ]


def _record(key: bytes | None, value: bytes | None) -> Record:
    return Record("any", 0, 0, 0, key, value)


def _table(name: str) -> Table[Any]:
    return Table(name, encode=bytes, decode=bytes)


@pytest.mark.parametrize(
    ("agents", "wrong"),
    [
        ([weigh_parcels, load_depots, _agent("other", LOADS)], "two agents have the same source"),
        ([_agent("a", PARCELS, [_table("t")]), _agent("b", LOADS, [_table("t")])], "two tables have the same name"),
        ([_agent("a", PARCELS, [_table("1st")])], "starts with a letter"),
        ([_agent("a", PARCELS, [_table("")])], "starts with a letter"),
        ([_agent("a", PARCELS, [_table("a\0b")])], "starts with a letter"),
    ],
)  # fmt: skip
def test_declarations_that_cannot_work_are_refused(tmp_path: Path, agents: list[Any], wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        Plan(depot_config(tmp_path), agents, LETTERS)
