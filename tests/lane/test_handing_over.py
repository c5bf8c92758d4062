"""Handing over: what a lane says to an agent of its own partition is decided at once, and never stored."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import TopicPartition

from app.lane.batch import Batch, Share, Stats
from app.lane.deciding import Decider
from app.lane.declare import Keep, Record, Table, Topic, agent
from app.lane.lane import Lane
from app.lane.partition import partition_of
from app.lane.plan import Plan
from app.lane.rows import Rows
from app.lane.store import Stores
from app.lane.turn import NEVER_STORED
from tests.lane.depot import LETTERS, PARTITIONS, depot_config

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.lane.turn import Turn

HERE = 1
A, B, *_ = [b"k-%d" % n for n in range(99) if partition_of(b"k-%d" % n, PARTITIONS) == HERE]
FAR = next(b"k-%d" % n for n in range(99) if partition_of(b"k-%d" % n, PARTITIONS) != HERE)
DAY = timedelta(days=1)
ASKED, TOLD, ECHO = (
    Topic("asked", Keep.A_WHILE, DAY),
    Topic("told", Keep.A_WHILE, DAY),
    Topic("echo", Keep.LATEST),
)
SEEN: Table[bytes] = Table("seen", encode=bytes, decode=bytes)


def read(record: Record) -> bytes:
    return record.value or b""


def note(turn: Turn, what: bytes) -> None:
    turn.put(SEEN, b"seen", (turn.get(SEEN, b"seen") or b"") + what + b" ")


@agent(ASKED, decode=read, tables=[SEEN], emits=[TOLD, ECHO])
def ask(value: bytes, turn: Turn) -> None:
    """Note it, and tell whoever it names: `a,b!` of `key word`."""
    note(turn, value)
    for part in value.split(b",")[1:]:
        turn.hand_over(TOLD, {b"a": A, b"b": B, b"f": FAR}[part[:1]], part)
    if value.endswith(b"fail"):
        raise RuntimeError("after it has told everybody")


@agent(TOLD, decode=read, tables=[SEEN], emits=[TOLD, ASKED])
def tell(value: bytes, turn: Turn) -> None:
    """Note it, and go on."""
    key = turn.record.key
    assert key is not None
    note(turn, b"<" + value + b">")
    if value.endswith(b"-bad"):
        raise ValueError("not this one")
    if value.endswith(b"-on"):
        turn.hand_over(ASKED, key, b"went-on")
    if value.endswith(b"-ever"):
        turn.hand_over(TOLD, key, value)
    if value.endswith(b"-large"):
        turn.hand_over(TOLD, key, bytes(890_000))


class Bench:
    """One lane of `asked`, without a broker."""

    def __init__(self, folder: Path) -> None:
        config = depot_config(folder)
        self.plan = Plan(config, [ask, tell], LETTERS)
        self.stores = Stores(folder, 16 << 20)
        self.rows = Rows(HERE, self.stores.open(HERE), self.plan, 100)
        self.stats = Stats()
        self.decider = Decider(config, self.plan, self.stats)
        self.lane = Lane(TopicPartition("asked", HERE), ask, self.rows, 0, 100, asyncio.Event())

    async def ask(self, *values: bytes) -> Batch:
        records = [Record("asked", HERE, n, 0, A, value) for n, value in enumerate(values)]
        batch = Batch([])
        batch.add(Share(self.lane, records, len(records)))
        await self.decider.decide(batch)
        return batch

    def seen(self) -> bytes:
        entry: Any = self.rows.changed[SEEN][b"seen"]
        row: bytes = entry[0]
        return row


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.stores.close()


async def test_it_is_decided_right_behind_its_record_and_before_the_next(bench: Bench) -> None:
    batch = await bench.ask(b"1,a,b-on", b"2")
    assert bench.seen() == b"1,a,b-on <a> <b-on> went-on 2 "
    assert batch.outputs == {}, "nothing of it is stored"


async def test_what_belongs_to_another_partition_goes_by_the_topic(bench: Bench) -> None:
    batch = await bench.ask(b"1,f")
    assert bench.seen() == b"1,f "
    assert batch.outputs == {("told", partition_of(FAR, PARTITIONS)): [(FAR, b"f", ())]}


async def test_what_belongs_to_an_agent_that_does_not_run_here_goes_by_the_topic(tmp_path: Path) -> None:
    config = depot_config(tmp_path)
    bench = Bench(tmp_path / "with")
    bench.plan = Plan(config, [ask], LETTERS)
    bench.decider = Decider(config, bench.plan, bench.stats)
    batch = await bench.ask(b"1,a")
    assert batch.outputs == {("told", HERE): [(A, b"a", ())]}
    bench.stores.close()


async def test_a_record_that_fails_has_handed_nothing_over(bench: Bench) -> None:
    batch = await bench.ask(b"0", b"1,a,fail", b"2")
    assert bench.seen() == b"0 2 "
    assert [topic for (topic, _), sent in batch.outputs.items() if sent] == [LETTERS.name]


async def test_what_was_handed_over_and_fails_is_a_dead_letter_of_its_own(bench: Bench) -> None:
    batch = await bench.ask(b"1,a-bad,b", b"2")
    assert bench.seen() == b"1,a-bad,b <b> 2 ", "what handed it over stands, and so does what came with it"
    (letter,) = batch.outputs[LETTERS.name, HERE]
    headers = dict(letter[2])
    assert (letter[0], letter[1]) == (A, b"a-bad")
    assert headers["dead-letter-topic"] == b"told"
    assert headers["dead-letter-offset"] == b"%d" % NEVER_STORED
    assert headers["dead-letter-agent"] == b"tell"
    assert bench.stats.dead_letters == 1


async def test_what_has_no_end_is_a_dead_letter(bench: Bench) -> None:
    batch = await bench.ask(b"1,a-ever", b"2")
    assert bench.seen().endswith(b" 2 ")
    (letter,) = batch.outputs[LETTERS.name, HERE]
    assert dict(letter[2])["dead-letter-exception"] == b"RecursionError"


async def test_what_would_not_fit_a_dead_letter_is_refused_before(bench: Bench) -> None:
    batch = await bench.ask(b"1,a-large")
    (letter,) = batch.outputs[LETTERS.name, HERE]
    assert letter[1] == b"a-large", "whoever handed it over failed, and its bytes are whole"
    assert dict(letter[2])["dead-letter-code"] == b"too-large"
