"""The checkers see each kind of violation, and pass a clean run: hand-made histories of a few records."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.checkers import decisions, delivery, rows
from tests.faults.history import (
    COMMANDS,
    DEAD,
    EVENTS,
    OUTCOMES,
    Ack,
    Database,
    History,
    Seen,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.verdict import Verdict

    Check = Callable[[History], Verdict]

PLACED = {"lines": [{"line_id": "1", "quantity": 3, "unit_price": 50}], "totals": {"total": 150}}
ONE_OF_IT = {"lines": [{"line_id": "1", "quantity": 1}]}


def command(offset: int, name: str, kind: str, data: dict[str, Any], order: str = "o-1", **more: int) -> Seen:
    body = {"id": name, "type": kind, "subject": order, "data": data, **more}
    return Seen(0, offset, order.encode(), json.dumps(body).encode())


def event(offset: int, version: int, cause: str, kind: str, data: dict[str, Any], partition: int = 0) -> Seen:
    body = {
        "id": f"o-1@{version}",
        "type": kind,
        "subject": "o-1",
        "sequence": str(version),
        "causationid": cause,
        "data": data,
    }
    return Seen(partition, offset, b"o-1", json.dumps(body).encode())


def outcome(
    offset: int,
    cause: str,
    version: int,
    *,
    events: tuple[str, ...] = (),
    code: str | None = None,
    asked_by: str | None = None,
) -> Seen:
    data: dict[str, Any] = {"command": cause, "version": version}
    data |= {"events": list(events)} if code is None else {"code": code}
    kind = "command-accepted.v1" if code is None else "command-refused.v1"
    body = {"type": kind, "subject": "o-1", "correlationid": asked_by or cause, "data": data}
    return Seen(0, offset, cause.encode(), json.dumps(body).encode())


def noted(offset: int, command_id: str) -> Seen:
    """Return what the timeline has of a command that processes sent."""
    return Seen(0, offset, b"o-1\0%d" % offset, json.dumps({"kind": "command", "id": command_id}).encode())


def clean() -> History:
    """Four commands, one refused, one sent twice; one undecodable record; gaps where the markers are."""
    commands = [
        command(0, "c-1", "place-order.v1", PLACED),
        command(1, "c-2", "cancel-lines.v1", ONE_OF_IT),
        command(2, "c-2", "cancel-lines.v1", ONE_OF_IT),
        command(3, "c-3", "place-order.v1", PLACED),
        Seen(0, 4, b"poison-1", b"{"),
        command(5, "c-4", "cancel-order.v1", {}),
    ]
    events = [
        event(0, 1, "c-1", "order-placed.v1", PLACED),
        event(2, 2, "c-2", "order-lines-cancelled.v1", {**ONE_OF_IT, "amount": 50}),
        event(7, 3, "c-4", "order-cancelled.v1", {"amount": 100}),
    ]
    aborted = event(4, 2, "c-2", "order-lines-cancelled.v1", {**ONE_OF_IT, "amount": 50})
    outcomes = [
        outcome(0, "c-1", 1, events=("o-1@1",)),
        outcome(2, "c-2", 2, events=("o-1@2",)),
        outcome(3, "c-3", 2, code="order-exists"),
        outcome(5, "c-4", 3, events=("o-1@3",)),
        outcome(6, "o-1/claim-cart/1/1", 3, code="cart-given-up", asked_by="c-1"),
    ]
    writes = [Seen(0, 0, b"o-1", b"1"), Seen(0, 3, b"o-1", b"2"), Seen(0, 6, b"o-1", b"3")]
    return History(
        partitions=1,
        acks=[
            Ack(name, COMMANDS, 0, offset)
            for name, offset in (("c-1", 0), ("c-2", 1), ("c-2", 2), ("c-3", 3), ("c-4", 5))
        ],
        committed={
            COMMANDS: commands,
            EVENTS: events,
            OUTCOMES: outcomes,
            DEAD: [Seen(0, 0, b"poison-1", b"{")],
        },
        uncommitted={EVENTS: [*events[:2], aborted, events[2]]},
        live={EVENTS: list(events)},
        changelogs={"versions": "versions", "others": "versions"},
        writes={
            "versions": writes,
            "timeline": [noted(0, "o-1/claim-cart/1/1")],
            "others": [Seen(0, 1, b"k", b"v")],
        },
        databases=[
            Database("w1", "versions", 0, 6, {b"o-1": b"3"}),
            Database("w2", "versions", 0, 3, {b"o-1": b"2"}),
            Database("w3", "versions", 0, None, {}),
            Database("w1", "others", 0, 6, {b"k": b"v"}),
        ],
        offsets={(COMMANDS, 0): 6},
        ends={(COMMANDS, 0): 6, ("versions", 0): 8},
    )


def last_version(history: History) -> dict[int, dict[bytes, Any]]:
    found: dict[bytes, Any] = {}
    for seen in history.events:
        found[seen.order.encode()] = seen.version
    return {0: found}


VERSIONS = rows.Projection("versions", last_version, parse=int)


def of_versions(check: Callable[[History, rows.Projection], Verdict]) -> Check:
    return lambda history: check(history, VERSIONS)


CHECKS: dict[str, Check] = {
    "kept": delivery.acknowledged_commands_are_kept,
    "outcomes": delivery.each_command_has_one_outcome,
    "sent": delivery.what_follows_is_sent_once,
    "events": delivery.each_event_is_announced_once,
    "versions": delivery.versions_are_contiguous,
    "aborted": delivery.aborted_events_are_never_seen,
    "lag": delivery.the_group_has_no_lag,
    "poison": delivery.poison_is_dead_lettered_once,
    "decisions": decisions.outcomes_follow_from_the_log,
    "changelog": of_versions(rows.changelog_is_the_fold),
    "held": of_versions(rows.databases_hold_what_is_committed),
    "fold": of_versions(rows.databases_become_the_fold),
    "others held": lambda history: rows.others_hold_what_is_committed(history, [VERSIONS]),
    "others become": lambda history: rows.others_become_their_changelog(history, [VERSIONS]),
}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS.keys())
def test_a_clean_run_passes(check: Check) -> None:
    verdict = check(clean())
    assert (verdict.count, verdict.first) == (0, None)
    assert verdict.examined > 0


def without(seen: list[Seen], index: int) -> list[Seen]:
    return seen[:index] + seen[index + 1 :]


def with_topic(topic: str, change: Callable[[list[Seen]], list[Seen]]) -> Callable[[History], History]:
    return lambda run: replace(run, committed={**run.committed, topic: change(run.committed[topic])})


def with_writes(table: str, change: Callable[[list[Seen]], list[Seen]]) -> Callable[[History], History]:
    return lambda run: replace(run, writes={**run.writes, table: change(run.writes[table])})


def with_live(change: Callable[[list[Seen]], list[Seen]]) -> Callable[[History], History]:
    return lambda run: replace(run, live={EVENTS: change(run.live[EVENTS])})


def with_database(upto: int | None, held: dict[bytes, bytes]) -> Callable[[History], History]:
    return lambda run: replace(run, databases=[Database("w1", "versions", 0, upto, held)])


SECOND = event(9, 2, "c-2", "order-lines-cancelled.v1", {**ONE_OF_IT, "amount": 50})
FOURTH = event(9, 4, "c-2", "order-lines-cancelled.v1", {**ONE_OF_IT, "amount": 50})
FIFTH = event(9, 5, "c-4", "order-cancelled.v1", {"amount": 100})
STRAY = event(9, 4, "c-4", "order-cancelled.v1", {"amount": 100}, partition=1)
WRONG_AMOUNT = event(2, 2, "c-2", "order-lines-cancelled.v1", {**ONE_OF_IT, "amount": 51})

VIOLATIONS: dict[str, tuple[str, Callable[[History], History], str]] = {
    "a command of a process has two outcomes": (
        "outcomes",
        with_topic(OUTCOMES, lambda seen: [*seen, seen[-1]]),
        "follows from c-1 and has 2 outcomes",
    ),
    "a command of a process has no outcome": (
        "sent",
        with_topic(OUTCOMES, lambda seen: seen[:-1]),
        "no outcome",
    ),
    "a command of a process is sent twice": (
        "sent",
        with_writes("timeline", lambda seen: [*seen, noted(1, "o-1/claim-cart/1/1")]),
        "was sent 2 times",
    ),
    "a database lacks a row of another table": (
        "others held",
        lambda run: replace(run, databases=[Database("w1", "others", 0, 6, {})]),
        "is missing",
    ),
    "a database does not become what the others are": (
        "others become",
        lambda run: replace(run, databases=[Database("w1", "others", 0, 6, {b"k": b"v", b"l": b"v"})]),
        "is there",
    ),
    "an acknowledged command is lost": (
        "kept",
        with_topic(COMMANDS, lambda seen: without(seen, 0)),
        "kept None",
    ),
    "a command has no outcome": (
        "outcomes",
        with_topic(OUTCOMES, lambda seen: without(seen, 2)),
        "c-3 has 0 outcomes",
    ),
    "a command has two outcomes": (
        "outcomes",
        with_topic(OUTCOMES, lambda seen: [*seen, outcome(9, "c-2", 2, events=("o-1@2",))]),
        "c-2 has 2 outcomes",
    ),
    "an outcome is of no command": (
        "outcomes",
        with_topic(OUTCOMES, lambda seen: [*seen, outcome(9, "c-9", 2, code="order-exists")]),
        "was never sent",
    ),
    "an event is there twice": ("events", with_topic(EVENTS, lambda seen: [*seen, SECOND]), "o-1@2 is at"),
    "a repeated command makes a second event": (
        "events",
        with_topic(EVENTS, lambda seen: [*seen, FOURTH]),
        "no outcome announces o-1@4",
    ),
    "an announced event is missing": (
        "events",
        with_topic(EVENTS, lambda seen: without(seen, 1)),
        "does not exist",
    ),
    "an event is of another command": (
        "events",
        with_topic(OUTCOMES, lambda seen: [*seen[:3], outcome(5, "c-4", 3, events=("o-1@2", "o-1@3"))]),
        "caused by c-2",
    ),
    "a version is left out": (
        "versions",
        with_topic(EVENTS, lambda seen: [*seen, FIFTH]),
        "version 4 was due",
    ),
    "a version is there twice": (
        "versions",
        with_topic(EVENTS, lambda seen: [*seen, SECOND]),
        "version 4 was due",
    ),
    "an order has events on two partitions": (
        "versions",
        with_topic(EVENTS, lambda seen: [*seen, STRAY]),
        "at home",
    ),
    "an aborted event was seen": ("aborted", with_live(lambda seen: [*seen, SECOND]), "is not committed"),
    "an event was seen again": ("aborted", with_live(lambda seen: [*seen, seen[0]]), "seen again"),
    "an event was seen with another value": (
        "aborted",
        with_live(lambda seen: [seen[0]._replace(value=b"{}"), *seen[1:]]),
        "another value",
    ),
    "the group is behind": (
        "lag",
        lambda run: replace(run, offsets={(COMMANDS, 0): 4}),
        "committed 4, end 6",
    ),
    "the group never committed": ("lag", lambda run: replace(run, offsets={}), "committed 0, end 6"),
    "poison is skipped": ("poison", with_topic(DEAD, lambda _: []), "0 dead letters"),
    "poison has two dead letters": ("poison", with_topic(DEAD, lambda seen: seen * 2), "2 dead letters"),
    "a command was dead-lettered": (
        "poison",
        with_topic(DEAD, lambda seen: [*seen, Seen(0, 1, b"o-1", b"")]),
        "0 not to be decided",
    ),
    "a command was refused without a reason": (
        "decisions",
        with_topic(OUTCOMES, lambda seen: [*seen[:3], outcome(5, "c-4", 2, code="order-unknown")]),
        "cancel-order.v1",
    ),
    "an amount is wrong": (
        "decisions",
        with_topic(EVENTS, lambda seen: [seen[0], WRONG_AMOUNT]),
        "amount=51",
    ),
    "a version is ahead of the log": (
        "decisions",
        with_topic(OUTCOMES, lambda seen: [*seen[:3], outcome(5, "c-4", 4, events=("o-1@3",))]),
        "version=4",
    ),
    "the changelog misses a write": (
        "changelog",
        with_writes("versions", lambda seen: seen[:2]),
        "the events make 3",
    ),
    "the changelog has a strange row": (
        "changelog",
        with_writes("versions", lambda seen: [*seen, Seen(0, 7, b"o-2", b"1")]),
        "no event makes it",
    ),
    "a row is ahead of its offset": ("held", with_database(6, {b"o-1": b"4"}), "b'o-1' is 4"),
    "a row was never committed": ("held", with_database(3, {b"o-1": b"2", b"o-2": b"1"}), "b'o-2' is there"),
    "a committed row is missing": ("held", with_database(6, {}), "b'o-1' is missing"),
    "an offset is ahead of the changelog": (
        "held",
        with_database(8, {b"o-1": b"3"}),
        "the changelog ends at 8",
    ),
    "a database skips a write": ("fold", with_database(6, {b"o-1": b"2"}), "b'o-1' is 2"),
    "a database has lost a row": ("fold", with_database(6, {}), "b'o-1' is missing"),
    "a database has a row too many": (
        "fold",
        with_database(6, {b"o-1": b"3", b"o-2": b"1"}),
        "no event makes it",
    ),
}


@pytest.mark.parametrize(("check", "spoil", "words"), VIOLATIONS.values(), ids=VIOLATIONS.keys())
def test_a_violation_is_seen(check: str, spoil: Callable[[History], History], words: str) -> None:
    verdict = CHECKS[check](spoil(clean()))
    assert verdict.count >= 1
    assert words in f"{verdict.first}\n{verdict.last}"


def test_a_verdict_names_the_first_the_worst_and_the_last() -> None:
    spoilt = with_topic(EVENTS, lambda seen: [seen[0], FIFTH, seen[1]])(clean())
    verdict = delivery.versions_are_contiguous(spoilt)
    assert verdict.count == 2
    assert verdict.first is not None
    assert verdict.last is not None
    assert "o-1@5 where version 2" in verdict.first
    assert "o-1@2 where version 6" in verdict.last
    assert verdict.worst == verdict.last


def test_aborted_events_are_counted() -> None:
    assert delivery.aborted_events(clean()) == 1
