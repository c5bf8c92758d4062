"""Ticks: a lane hears that something is due, once, whatever else is stored, and scans for what it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import TopicPartition

from app.lane.declare import Keep, Record, Table, Topic, agent
from app.lane.lane import Lane
from app.lane.partition import partition_of
from app.lane.plan import Plan
from app.lane.postbox import Undelivered
from app.lane.rows import Rows
from app.lane.store import Stores
from app.lane.ticks import AGAIN, Ticker, due_key, due_of, is_tick, tick
from app.lane.turn import Turn
from tests.lane.depot import LETTERS, PARTITIONS, depot_config

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from app.lane.turn import Output

HERE = 2
ALARMS: Table[bytes] = Table("alarms", encode=bytes, decode=bytes)
OTHERS: Table[bytes] = Table("others", encode=bytes, decode=bytes)
BELLS = Topic("bells", Keep.LATEST)


def read(record: Record) -> bytes:
    return record.value or b""


@agent(BELLS, decode=read, tables=[ALARMS, OTHERS], timers=ALARMS)
def ring(_: bytes, __: Turn) -> None:
    """Ring."""


class Post:
    """A postbox that keeps what is posted."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, Output, int | None]] = []
        self.broken = False

    async def deliver(self, topic: str, letters: Sequence[Output], partition: int | None = None) -> None:
        if self.broken:
            raise Undelivered("no broker")
        self.letters += [(topic, letter, partition) for letter in letters]


class Bench:
    """One lane with timers, a turn on it, and a clock in seconds."""

    def __init__(self, folder: Path) -> None:
        config = depot_config(folder)
        self.plan = Plan(config, [ring], LETTERS)
        self.stores = Stores(folder, 16 << 20)
        self.rows = Rows(HERE, self.stores.open(HERE), self.plan, 100)
        self.lane = Lane(TopicPartition("bells", HERE), ring, self.rows, 0, 100, asyncio.Event())
        self.turn = Turn(self.plan, PARTITIONS, 10_000)
        self.turn.begin("2026-01-01T00:00:00.000Z", 1)
        self.turn.enter(self.rows)
        self.post = Post()
        self.now = 1000.0
        post: Any = self.post
        self.ticker = Ticker([self.lane], PARTITIONS, post, lambda: self.now)

    def commit(self) -> None:
        changes = [
            (self.plan.prefix[table] + key, value)
            for table, entries in self.rows.launch().items()
            for key, (_, value) in entries.items()
        ]
        self.rows.store.apply(changes, ())
        self.rows.landed()
        self.turn.begin("later", 2)
        self.turn.enter(self.rows)

    def set(self, *moments: int) -> None:
        for moment in moments:
            self.turn.put(ALARMS, due_key(moment, b"a"), b"x")
        self.commit()

    def due(self) -> list[int]:
        return [due_of(key)[0] for key, _ in self.turn.scan(ALARMS, b"", due_key(2**60, b""), 10)]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.stores.close()


def test_a_tick_has_a_key_of_its_partition_and_says_what_is_due_first() -> None:
    for number in range(PARTITIONS):
        key, value, headers = tick(number, PARTITIONS, b"first")
        assert key is not None
        assert partition_of(key, PARTITIONS) == number
        assert is_tick(Record("bells", number, 0, 0, key, value, headers))
        assert value == b"first"
    assert not is_tick(Record("bells", 0, 0, 0, b"k", b"v", (("content-type", b"x"),)))


def test_the_order_of_keys_is_the_order_of_time() -> None:
    moments = [0, 1, 255, 256, 2**40, 1_700_000_000_000]
    keys = [due_key(moment, b"o-1") for moment in moments]
    assert keys == sorted(keys)
    assert [due_of(key) for key in keys] == [(moment, b"o-1") for moment in moments]


async def test_a_lane_hears_when_something_is_due_and_not_before(bench: Bench) -> None:
    bench.set(1_000_500, 2_000_000)
    await bench.ticker.look(bench.lane)
    assert bench.post.letters == []
    bench.now = 1000.5
    await bench.ticker.look(bench.lane)
    ((topic, letter, partition),) = bench.post.letters
    assert (topic, letter[1], partition) == ("bells", due_key(1_000_500, b"a"), HERE)


async def test_it_hears_once_of_one_thing_and_again_when_nothing_came_of_it(bench: Bench) -> None:
    bench.set(1)
    for _ in range(3):
        await bench.ticker.look(bench.lane)
    assert len(bench.post.letters) == 1
    bench.now += AGAIN
    await bench.ticker.look(bench.lane)
    assert len(bench.post.letters) == 2
    bench.turn.delete(ALARMS, due_key(1, b"a"))
    bench.commit()
    bench.now += AGAIN
    await bench.ticker.look(bench.lane)
    assert len(bench.post.letters) == 2


async def test_what_is_set_before_all_else_is_due_before_it(bench: Bench) -> None:
    bench.set(5_000_000)
    await bench.ticker.look(bench.lane)
    bench.set(10)
    await bench.ticker.look(bench.lane)
    assert [letter[1] for _, letter, _ in bench.post.letters] == [due_key(10, b"a")]


async def test_a_new_owner_finds_what_a_former_one_set(bench: Bench) -> None:
    bench.set(10)
    rows = Rows(HERE, bench.stores.open(HERE), bench.plan, 100)
    assert rows.due[ALARMS].first() == due_key(10, b"a")


async def test_rows_of_other_tables_are_never_due(bench: Bench) -> None:
    bench.turn.put(OTHERS, due_key(1, b"a"), b"x")
    bench.commit()
    await bench.ticker.look(bench.lane)
    assert bench.post.letters == []
    assert bench.rows.due[ALARMS].first() is None


async def test_without_a_broker_the_tick_comes_later(bench: Bench) -> None:
    bench.set(1)
    bench.post.broken = True
    await bench.ticker.look(bench.lane)
    bench.post.broken = False
    bench.now += AGAIN
    await bench.ticker.look(bench.lane)
    assert len(bench.post.letters) == 1


def test_a_scan_sees_the_changes_of_this_cycle_and_of_the_one_under_way(bench: Bench) -> None:
    bench.set(10, 20, 30, 40)
    bench.turn.delete(ALARMS, due_key(20, b"a"))
    bench.turn.put(ALARMS, due_key(25, b"a"), b"x")
    bench.rows.launch()  # under way
    bench.turn.enter(bench.rows)
    bench.turn.delete(ALARMS, due_key(10, b"a"))
    bench.turn.put(ALARMS, due_key(5, b"a"), b"x")
    assert bench.due() == [5, 25, 30, 40]
    found = bench.turn.scan(ALARMS, due_key(6, b""), due_key(40, b""), 1)
    assert found == [(due_key(25, b"a"), b"x")]


def test_a_scan_finds_as_many_as_asked_for_however_many_were_deleted(bench: Bench) -> None:
    bench.set(*range(100, 200))
    for moment in range(100, 150):
        bench.turn.delete(ALARMS, due_key(moment, b"a"))
    assert bench.due() == list(range(150, 160))


def test_timers_must_be_a_table_of_the_agent(tmp_path: Path) -> None:
    stray = agent(BELLS, decode=read, tables=[OTHERS], timers=ALARMS)(lambda _, __: None)
    with pytest.raises(ValueError, match="timers"):
        Plan(depot_config(tmp_path), [stray], LETTERS)
