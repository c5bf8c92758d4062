"""A dead letter holds what came and why, and always fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.lane.dead_letters import dead_letter
from app.lane.declare import Record, Undecodable
from app.lane.plan import Plan
from app.lane.rows import Rows
from app.lane.turn import TooLarge, Turn
from tests.lane.depot import AGENTS, LETTERS, PARTITIONS, depot_config

if TYPE_CHECKING:
    from pathlib import Path

    from app.lane.turn import Output

NOW = "2026-01-01T00:00:00.000Z"
HERE, LIMIT = 3, 50_000
RECORD = Record("parcels", HERE, 42, 7, b"p-1", b"north 13", (("trace", b"abc"), ("empty", b"")))


@pytest.fixture
def turn(tmp_path: Path) -> Turn:
    plan = Plan(depot_config(tmp_path), AGENTS, LETTERS)
    turn = Turn(plan, PARTITIONS, LIMIT)
    turn.begin(NOW, 0)
    store: Any = None
    turn.enter(Rows(HERE, store, plan, 1))
    return turn


def bury(turn: Turn, record: Record, error: Exception) -> Output:
    try:
        raise error
    except type(error) as raised:
        return dead_letter(turn, record, "weigh-parcels", "w1", raised, attempt=1, limit=LIMIT)


def causes(letter: Output) -> dict[str, bytes]:
    return {
        name.removeprefix("dead-letter-"): value
        for name, value in letter[2]
        if name.startswith("dead-letter-")
    }


def size_of(letter: Output) -> int:
    key, value, headers = letter
    return (
        len(key or b"")
        + len(value or b"")
        + sum(len(name) + len(content or b"") + 10 for name, content in headers)
    )


def test_a_dead_letter_is_the_record_as_it_came_and_every_fact_about_it(turn: Turn) -> None:
    letter = bury(turn, RECORD, RuntimeError("thirteen grams"))
    key, value, headers = letter
    assert (key, value) == (b"p-1", b"north 13")
    assert tuple(headers[:2]) == RECORD.headers, "a redrive is a copy"
    facts = causes(letter)
    assert facts.pop("traceback").endswith(b"RuntimeError: thirteen grams\n")
    assert facts == {
        "topic": b"parcels",
        "partition": b"3",
        "offset": b"42",
        "agent": b"weigh-parcels",
        "attempt": b"1",
        "code": b"failed",
        "exception": b"RuntimeError",
        "message": b"thirteen grams",
        "worker": b"w1",
        "time": NOW.encode(),
    }


@pytest.mark.parametrize(("key", "value"), [(None, b"v"), (b"k", None), (None, None), (b"", b"")])
def test_what_is_missing_stays_missing(turn: Turn, key: bytes | None, value: bytes | None) -> None:
    letter = bury(turn, RECORD._replace(key=key, value=value), RuntimeError())
    assert letter[:2] == (key, value)


def test_the_code_of_what_cannot_be_decoded_is_its_own_and_needs_no_traceback(turn: Turn) -> None:
    facts = causes(bury(turn, RECORD, Undecodable("value-missing", "say more")))
    assert (facts["code"], facts["message"], facts["traceback"]) == (
        b"value-missing",
        b"value-missing: say more",
        b"",
    )


def test_an_output_that_was_too_large_has_its_code(turn: Turn) -> None:
    assert causes(bury(turn, RECORD, TooLarge("9 bytes")))["code"] == b"too-large"


@pytest.mark.parametrize(
    "record",
    [
        RECORD._replace(value=bytes(LIMIT)),
        RECORD._replace(headers=(("h", bytes(LIMIT)),)),
        RECORD._replace(key=bytes(LIMIT)),
        RECORD._replace(key=None, value=bytes(10 * LIMIT)),
    ],
    ids=["value", "header", "key", "no key"],
)
def test_a_record_that_is_too_large_to_be_copied_is_pointed_at(turn: Turn, record: Record) -> None:
    letter = bury(turn, record, RuntimeError("x" * LIMIT))
    facts = causes(letter)
    assert facts["pointer"] == b"true"
    assert (facts["topic"], facts["partition"], facts["offset"]) == (b"parcels", b"3", b"42")
    assert letter[1] == b""
    assert letter[0] in (record.key, None)
    assert size_of(letter) <= LIMIT


def test_a_short_key_goes_with_the_pointer(turn: Turn) -> None:
    assert bury(turn, RECORD._replace(value=bytes(LIMIT)), RuntimeError())[0] == b"p-1"


@pytest.mark.parametrize("spare", range(0, 400, 40))
def test_near_the_limit_it_still_fits(turn: Turn, spare: int) -> None:
    rest = size_of(bury(turn, RECORD._replace(value=b""), RuntimeError("why")))
    letter = bury(turn, RECORD._replace(value=bytes(LIMIT - rest - spare)), RuntimeError("why"))
    assert size_of(letter) <= LIMIT
    assert ("pointer" in causes(letter)) == (spare < 200)


def test_of_a_long_message_the_beginning_is_kept_and_of_a_long_traceback_the_end(turn: Turn) -> None:
    facts = causes(bury(turn, RECORD, RuntimeError("begin" + "x" * 20_000 + "end")))
    assert facts["message"].startswith(b"beginxxx")
    assert facts["traceback"].endswith(b"xxxend\n")
    assert len(facts["message"]) + len(facts["traceback"]) <= 10_000


def test_a_message_that_is_no_unicode_is_no_reason_to_fail(turn: Turn) -> None:
    assert causes(bury(turn, RECORD, RuntimeError("\ud800")))["message"] == b"?"


def test_headers_without_a_value_are_measured_and_kept(turn: Turn) -> None:
    headers: Any = (("null", None),)
    letter = bury(turn, RECORD._replace(headers=headers), RuntimeError())
    assert [*letter[2]][:1] == [*headers]


class Unprintable(Exception):  # noqa: N818 - a test's
    """An exception whose text raises."""

    def __str__(self) -> str:
        raise ValueError("no text")


def test_an_exception_without_a_text_is_no_reason_to_fail(turn: Turn) -> None:
    assert causes(bury(turn, RECORD, Unprintable()))["message"] == b"(it cannot be printed)"


def test_a_header_name_of_replacement_characters_is_measured_as_it_is_written(turn: Turn) -> None:
    record = RECORD._replace(headers=(("\ufffd" * (LIMIT // 2), b"x"),))
    assert causes(bury(turn, record, RuntimeError()))["pointer"] == b"true"
