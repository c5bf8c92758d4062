"""One cycle: a record that fails is buried in its place, and a batch goes the eight steps in order, however often."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.record.memory_records import MemoryRecords

from app.lane import cycle as engine
from app.lane.batch import Moves, Stats
from app.lane.cycle import Cycle
from app.lane.declare import Keep, Record, Topic
from app.lane.doubt import Gone
from app.lane.fencing import Member, StaleMember
from app.lane.lane import Lane
from app.lane.partition import partition_of
from app.lane.plan import Plan
from app.lane.rows import Rows
from app.lane.store import Stores
from tests.lane.depot import (
    AGENTS,
    DEPOTS,
    FACTS,
    HUGE,
    LETTERS,
    LOADS,
    PARCELS,
    PARTITIONS,
    UNLUCKY,
    WEIGHTS,
    Flat,
    Weighing,
    depot_config,
    flat,
)
from tests.lane.test_dead_letters import Unprintable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from app.lane.producer import LaneProducer
    from app.lane.turn import Turn

HERE = 1
A, B, *_ = (key for key in (b"p-%d" % n for n in range(99)) if partition_of(key, PARTITIONS) == HERE)
FOREIGN = next(key for key in (b"p-%d" % n for n in range(99)) if partition_of(key, PARTITIONS) == 2)


@dataclass
class Acknowledged:
    """What a broker says of a batch."""

    offset: int


@dataclass
class Wire:
    """A producer whose broker is a list. `failing` raises at a step, once."""

    create_batch: Callable[[], Any]
    done: list[str] = field(default_factory=list)
    sent: list[tuple[str, int, int]] = field(default_factory=list)  # topic, partition, records
    positions: dict[TopicPartition, int] = field(default_factory=dict)
    failing: dict[str, Exception] = field(default_factory=dict)
    gate: asyncio.Event | None = None  # commits wait for it
    offset: int = 100

    async def begin(self) -> None:
        self._step("begin")

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> asyncio.Future[Acknowledged]:
        self._step(f"send {topic}")
        answer: asyncio.Future[Acknowledged] = asyncio.get_running_loop().create_future()
        self.sent.append((topic, partition, batch.record_count()))
        answer.set_result(Acknowledged(self.offset))
        return answer

    async def send_positions(self, positions: dict[TopicPartition, int]) -> None:
        self._step("fence")
        self.positions = dict(positions)

    async def commit(self) -> None:
        if self.gate is not None:
            await self.gate.wait()
        self._step("commit")

    def _step(self, name: str) -> None:
        self.done.append(name)
        if name in self.failing:
            raise self.failing.pop(name)


@dataclass
class Bench:
    """A cycle on the bench: two lanes of one partition number, and a producer that notes what it is told."""

    cycle: Cycle
    lanes: dict[str, Lane]
    rows: Rows
    wire: Wire
    stats: Stats
    plan: Plan

    def feed(self, topic: Topic, *records: tuple[bytes | None, bytes | None]) -> None:
        lane = self.lanes[topic.name]
        begin = lane.wanted
        made = [Record(topic.name, HERE, begin + n, 0, key, value) for n, (key, value) in enumerate(records)]
        lane.feed(made, begin + len(made))
        self.cycle.wake.set()

    async def decide(self) -> list[Flat]:
        batch = self.cycle.take()
        assert batch is not None
        await self.cycle.decide(batch)
        self.cycle.launch(batch)
        return flat(batch.outputs)

    async def deliver(self) -> None:
        batch = self.cycle.take()
        assert batch is not None
        await self.cycle.decide(batch)
        self.cycle.launch(batch)
        await self.cycle.deliver(batch)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    opened = Stores(tmp_path, 16 << 20)
    yield opened
    opened.close()


@pytest.fixture
async def bench(tmp_path: Path, stores: Stores) -> AsyncIterator[Bench]:
    maker = AIOKafkaProducer(transactional_id="t", max_batch_size=1 << 20)  # never started
    config = depot_config(tmp_path, transaction_deadline=2.0)
    plan = Plan(config, AGENTS, LETTERS)
    rows = Rows(HERE, stores.open(HERE), plan, 100)
    lanes = {
        agent.source.name: Lane(
            TopicPartition(agent.source.name, HERE), agent, rows, 0, 1000, asyncio.Event()
        )
        for agent in AGENTS
    }
    wire, stats = Wire(maker.create_batch), Stats()
    producer: Any = wire
    cycle = Cycle(config, plan, Member(1, "m", "w1"), list(lanes.values()), producer, stats)
    yield Bench(cycle, lanes, rows, wire, stats, plan)
    await maker.stop()


Shown = list[tuple[str, bytes | None, bytes | None]]


def shown(outputs: list[Flat]) -> Shown:
    """Return what a reader would see of outputs, topic by topic: of a dead letter its code."""
    return by_topic(
        [
            (topic, key, dict(headers)["dead-letter-code"] if topic == LETTERS.name else value)
            for topic, _, key, value, headers in outputs
        ]
    )


def by_topic(rows: Shown) -> Shown:
    """Return rows by topic, those of one topic in their order: there is none between topics."""
    return sorted(rows, key=lambda row: row[0])


# ---------------------------------------------------------------- deciding


async def test_a_record_that_fails_is_buried_in_its_place_and_its_neighbours_stand(bench: Bench) -> None:
    bench.feed(PARCELS, (A, b"n 5"), (A, b"n %d" % UNLUCKY), (B, b"n 6"), (A, b"n 7"))
    assert shown(await bench.decide()) == by_topic(
        [
            (FACTS.name, A, b"1 5"),
            (FACTS.name, B, b"1 6"),
            (FACTS.name, A, b"2 7"),  # the second, not the third: what failed has counted nothing
            (LOADS.name, b"n", b"5"),
            (LOADS.name, b"n", b"6"),
            (LOADS.name, b"n", b"7"),
            (LETTERS.name, A, b"failed"),
        ]
    )
    assert bench.rows.before(WEIGHTS, A) == 7
    assert bench.stats.dead_letters == 1


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        (A, None, b"value-missing"),
        (None, b"n 5", b"key-missing"),
        (None, None, b"key-missing"),
        (FOREIGN, b"n 5", b"wrong-partition"),
        (A, b"n five", b"failed"),
        (A, b"", b"failed"),
        (A, b"\xff", b"failed"),
        (A, b"n %d" % HUGE, b"too-large"),
    ],
)
async def test_whatever_is_wrong_with_a_record_the_others_pass(
    bench: Bench, key: bytes | None, value: bytes | None, code: bytes
) -> None:
    bench.feed(PARCELS, (A, b"n 5"), (key, value), (A, b"n 6"))
    assert shown(await bench.decide()) == by_topic(
        [
            (FACTS.name, A, b"1 5"),
            (FACTS.name, A, b"2 6"),
            (LOADS.name, b"n", b"5"),
            (LOADS.name, b"n", b"6"),
            (LETTERS.name, key, code),
        ]
    )


async def test_a_wrong_partition_is_told_with_both_numbers_and_the_cure(bench: Bench) -> None:
    bench.feed(PARCELS, (FOREIGN, b"n 5"))
    ((_, partition, _, _, headers),) = await bench.decide()
    message = dict(headers)["dead-letter-message"].decode()
    assert partition == HERE
    assert "belongs on partition 2 and came on 1" in message
    assert "partitioner=murmur2_random" in message


async def test_a_record_on_a_topic_that_we_write_to_must_lie_in_its_place_too(bench: Bench) -> None:
    bench.feed(LOADS, (FOREIGN, b"5"))
    assert shown(await bench.decide()) == [(LETTERS.name, FOREIGN, b"wrong-partition")]
    assert bench.rows.before(DEPOTS, FOREIGN) is None


async def test_a_record_on_a_topic_that_stays_with_its_lane_is_decided_wherever_it_lies(bench: Bench) -> None:
    bench.plan.foreign -= {LOADS.name}  # as if it were the topic of a table
    bench.feed(LOADS, (FOREIGN, b"5"))
    assert await bench.decide() == []
    assert bench.rows.before(DEPOTS, FOREIGN) == 5


def _emits_to_nobody(turn: Turn) -> None:
    turn.emit(Topic("elsewhere", Keep.EVERYTHING), A, b"5")


def _emits_text_in_a_header(turn: Turn) -> None:
    headers: Any = [("h", "text")]
    turn.emit(LOADS, A, b"5", headers)


def _deletes_by_text(turn: Turn) -> None:
    key: Any = "text"
    turn.delete(WEIGHTS, key)


def _raises_what_cannot_be_printed(_: Turn) -> None:
    raise Unprintable


@pytest.mark.parametrize(
    "slip", [_emits_to_nobody, _emits_text_in_a_header, _deletes_by_text, _raises_what_cannot_be_printed]
)
async def test_a_slip_of_a_handler_buries_its_record_and_the_lane_goes_on(
    bench: Bench, slip: Callable[[Turn], None]
) -> None:
    lane = bench.lanes[PARCELS.name]
    weigh = lane.agent.handler

    def handler(weighing: Weighing, turn: Turn) -> None:
        weigh(weighing, turn)
        if weighing.grams == 6:
            slip(turn)

    lane.agent = replace(lane.agent, handler=handler)
    bench.feed(PARCELS, (A, b"n 5"), (A, b"n 6"), (A, b"n 7"))
    await bench.deliver()
    assert bench.stats.dead_letters == 1
    assert (LETTERS.name, HERE, 1) in bench.wire.sent
    assert (FACTS.name, HERE, 2) in bench.wire.sent
    assert bench.rows.store.get(bench.plan.prefix[WEIGHTS] + A) == b"7"
    assert lane.position == 3


async def test_several_sources_share_a_cycle_and_its_bounds(bench: Bench) -> None:
    bench.feed(PARCELS, *[(A, b"n 1")] * 3000)
    bench.feed(LOADS, *[(b"n", b"1")] * 30)
    batch = bench.cycle.take()
    assert batch is not None
    shares = [(lane.source.topic, len(records), position) for lane, records, position in batch.shares]
    assert shares == [(PARCELS.name, 2001, 2001), (LOADS.name, 30, 30)], "half of 4,000 each, and one"


async def test_handlers_run_in_slices(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(100_000))
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))  # every look costs a slice
    breaths = 0

    async def breathe(seconds: float) -> None:
        nonlocal breaths
        breaths += seconds == 0

    monkeypatch.setattr(asyncio, "sleep", breathe)
    bench.feed(PARCELS, *[(A, b"n 1")] * 160)
    await bench.decide()
    assert breaths == 20, "a look at the clock every 8 records"


async def test_the_next_batch_is_decided_on_top_of_the_one_under_way(bench: Bench) -> None:
    bench.feed(PARCELS, (A, b"n 5"))
    await bench.decide()
    bench.feed(PARCELS, (A, b"n 6"))
    assert (FACTS.name, A, b"2 6") in shown(await bench.decide())


# ---------------------------------------------------------------- delivering


async def test_a_batch_goes_the_steps_in_order_and_the_positions_are_sent_last(bench: Bench) -> None:
    bench.feed(PARCELS, (A, b"n 5"), (B, b"n 0"))
    bench.feed(LOADS, (b"n", b"1"))
    await bench.deliver()
    wire = bench.wire
    assert wire.done[0] == "begin"
    assert wire.done[-3:] == ["send depot-rows", "fence", "commit"]
    assert {(topic, count) for topic, _, count in wire.sent} == {
        (FACTS.name, 2),
        (LOADS.name, 2),
        ("depot-rows", 7),  # 2 weights, 2 counts, a depot, and the positions of 2 sources
    }
    assert wire.positions == {TopicPartition(PARCELS.name, HERE): 2, TopicPartition(LOADS.name, HERE): 1}


async def test_each_partition_gets_its_records_in_the_order_in_which_they_were_emitted(bench: Bench) -> None:
    depots = [b"d-%d" % (number % 7) for number in range(30)]
    bench.feed(PARCELS, *[(A, b"%b %d" % (depot, 20 + number)) for number, depot in enumerate(depots)])
    batch = bench.cycle.take()
    assert batch is not None
    await bench.cycle.decide(batch)
    found: dict[int, list[tuple[bytes | None, bytes | None]]] = {}
    for tp, packed in await bench.cycle.pack(batch):
        if tp.topic == LOADS.name:
            part = MemoryRecords(bytes(packed._build())).next_batch()
            assert part is not None
            found.setdefault(tp.partition, []).extend((record.key, record.value) for record in part)
    expected: dict[int, list[tuple[bytes | None, bytes | None]]] = {}
    for number, depot in enumerate(depots):
        expected.setdefault(partition_of(depot, PARTITIONS), []).append((depot, b"%d" % (20 + number)))
    assert len(expected) > 1
    assert found == expected


async def test_what_was_committed_is_in_the_store_with_the_offsets_that_follow_it(bench: Bench) -> None:
    bench.feed(PARCELS, (A, b"n 5"), (B, b"n 7"), (B, b"n 0"))
    await bench.deliver()
    store = bench.rows.store
    prefix = bench.plan.prefix
    assert store.get(prefix[WEIGHTS] + A) == b"5"
    assert store.get(prefix[WEIGHTS] + B) is None, "deleted again"
    assert store.scan(b"diary\0", b"diary\1", 9) == [
        (b"diary\0" + A + b"\x001", b"1 5"),
        (b"diary\0" + B + b"\x001", b"1 7"),
        (b"diary\0" + B + b"\x002", b"2 0"),
    ]
    assert store.next_offset("depot-rows") == 105, "2 weights, 2 counts and a position, from offset 100 on"
    assert store.position(PARCELS.name) == 3
    assert store.next_offset(FACTS.name) == 103
    assert store.next_offset(LOADS.name) == 0, "no table follows it"
    lane = bench.lanes[PARCELS.name]
    assert (lane.position, lane.pending) == (3, 0)
    assert (bench.stats.cycles, bench.stats.records) == (1, 3)


async def test_markers_alone_move_the_position_and_nothing_else(bench: Bench) -> None:
    bench.lanes[LOADS.name].feed([], 2)
    await bench.deliver()
    assert bench.wire.sent == [("depot-rows", HERE, 1)]
    assert bench.rows.store.position(LOADS.name) == 2
    assert bench.wire.positions == {TopicPartition(LOADS.name, HERE): 2}


@pytest.mark.parametrize("step", ["begin", f"send {FACTS.name}", "send depot-rows", "fence", "commit"])
@pytest.mark.parametrize("error", [KafkaError("gone"), TimeoutError(), OSError(), RuntimeError("aiokafka's")])
async def test_what_was_not_committed_is_sent_again_as_it_was_decided(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, step: str, error: Exception
) -> None:
    asked = _doubt(monkeypatch, bench.wire, committed=False)
    began = time.monotonic()
    bench.wire.failing[step] = error
    bench.feed(PARCELS, (A, b"n 5"), (A, b"n 6"))
    await bench.deliver()
    parcels = TopicPartition(PARCELS.name, HERE)
    assert asked == [({parcels: 0}, {parcels: 2})]
    assert bench.wire.done.count("begin") == 2
    assert bench.wire.done[-1] == "commit"
    assert bench.wire.sent[-3:] == [
        (FACTS.name, HERE, 2), (LOADS.name, partition_of(b"n", PARTITIONS), 2), ("depot-rows", HERE, 3)
    ]  # fmt: skip
    assert bench.rows.store.get(bench.plan.prefix[WEIGHTS] + A) == b"6"
    assert bench.stats.in_doubt == 1
    assert bench.stats.records == 2, "decided once"
    assert bench.stats.outage_at >= began, "an outage, which excuses that nothing moves"


async def test_what_turns_out_to_be_committed_is_stored_and_not_sent_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    _doubt(monkeypatch, bench.wire, committed=True)
    bench.wire.failing["commit"] = KafkaError("no answer")
    bench.feed(PARCELS, (A, b"n 5"))
    await bench.deliver()
    assert bench.wire.done.count("begin") == 1
    assert bench.rows.store.next_offset("depot-rows") == 103


async def test_a_stale_member_ends_the_cycle_and_stores_nothing(bench: Bench) -> None:
    bench.wire.failing["fence"] = StaleMember("IllegalGeneration")
    bench.feed(PARCELS, (A, b"n 5"))
    with pytest.raises(StaleMember):
        await bench.deliver()
    assert "commit" not in bench.wire.done
    assert bench.rows.store.get(bench.plan.prefix[WEIGHTS] + A) is None
    assert bench.lanes[PARCELS.name].position == 0


async def test_positions_that_somebody_else_moved_end_the_cycle(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(*_: object) -> None:
        raise Gone

    monkeypatch.setattr(engine, "resolve", gone)
    bench.wire.failing["commit"] = KafkaError("no answer")
    bench.feed(PARCELS, (A, b"n 5"))
    with pytest.raises(Gone):
        await bench.deliver()
    assert bench.rows.store.get(bench.plan.prefix[WEIGHTS] + A) is None


async def test_a_broker_that_does_not_say_where_a_batch_went_leaves_it_in_doubt(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = _doubt(monkeypatch, bench.wire, committed=False)
    bench.wire.offset = -1
    bench.feed(PARCELS, (A, b"n 5"))
    await bench.deliver()
    assert len(asked) == 1
    assert bench.rows.store.next_offset(FACTS.name) == 501


def _doubt(
    monkeypatch: pytest.MonkeyPatch, wire: Wire, *, committed: bool
) -> list[tuple[dict[TopicPartition, int], dict[TopicPartition, int]]]:
    """Let every doubt be resolved in the same way. Returns the positions that were asked about."""
    asked = []

    async def resolve(
        _: object, __: object, producer: LaneProducer, moves: Moves, ___: Stats
    ) -> tuple[LaneProducer, bool]:
        asked.append((moves.before, moves.after))
        wire.offset = 500
        return producer, committed

    monkeypatch.setattr(engine, "resolve", resolve)
    return asked


# ---------------------------------------------------------------- turning


async def test_while_one_batch_is_committed_the_next_is_decided_but_not_sent(bench: Bench) -> None:
    bench.cycle._config = replace(bench.cycle._config, cycle_records=1)  # two a batch, with one lane
    bench.wire.gate = asyncio.Event()
    bench.feed(PARCELS, (A, b"n 5"), (B, b"n 5"), (A, b"n 6"), (B, b"n 6"))
    turning = asyncio.create_task(bench.cycle.run())
    await _until(lambda: "fence" in bench.wire.done)
    assert bench.rows.changed[WEIGHTS] == {A: (6, b"6"), B: (6, b"6")}
    assert bench.wire.done.count("begin") == 1
    assert bench.rows.store.get(bench.plan.prefix[WEIGHTS] + A) is None, "nothing is stored before the commit"
    bench.wire.gate.set()
    await _until(lambda: bench.stats.cycles == 2)
    assert bench.rows.store.get(bench.plan.prefix[WEIGHTS] + A) == b"6"
    assert bench.wire.positions == {TopicPartition(PARCELS.name, HERE): 4}
    bench.cycle.close()
    await turning


async def test_closing_lets_the_batch_under_way_finish(bench: Bench) -> None:
    bench.wire.gate = asyncio.Event()
    turning = asyncio.create_task(bench.cycle.run())
    bench.feed(PARCELS, (A, b"n 5"))
    await _until(lambda: "fence" in bench.wire.done)
    bench.cycle.close()
    bench.wire.gate.set()
    await turning
    assert bench.rows.store.get(bench.plan.prefix[WEIGHTS] + A) == b"5"


async def test_a_cancelled_cycle_leaves_nothing_running(bench: Bench) -> None:
    bench.wire.gate = asyncio.Event()
    turning = asyncio.create_task(bench.cycle.run())
    bench.feed(PARCELS, (A, b"n 5"))
    await _until(lambda: "fence" in bench.wire.done)
    turning.cancel()
    await asyncio.wait([turning])
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert bench.rows.store.get(bench.plan.prefix[WEIGHTS] + A) is None


async def _until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not happened():  # noqa: ASYNC110 - the loop gets turns until it has
            await asyncio.sleep(0)


async def test_what_arrives_while_one_batch_is_committed_joins_the_next(bench: Bench) -> None:
    bench.wire.gate = asyncio.Event()
    turning = asyncio.create_task(bench.cycle.run())
    bench.feed(PARCELS, (A, b"n 5"))
    await _until(lambda: "fence" in bench.wire.done)
    for grams in (b"n 6", b"n 7"):
        bench.feed(PARCELS, (A, grams))
        await _until(lambda: not bench.lanes[PARCELS.name].ready)
    bench.wire.gate.set()
    await _until(lambda: bench.stats.records >= 3)
    assert bench.stats.cycles == 2, "both came into the second batch"
    assert bench.rows.store.get(bench.plan.prefix[WEIGHTS] + A) == b"7"
    bench.cycle.close()
    await turning


async def test_a_batch_takes_no_more_than_its_bounds_however_often_it_is_filled(bench: Bench) -> None:
    bench.cycle._config = replace(bench.cycle._config, cycle_records=3)
    bench.feed(PARCELS, *[(A, b"n 5")] * 2)
    batch = bench.cycle.take()
    bench.feed(PARCELS, *[(A, b"n 5")] * 9)
    batch = bench.cycle.take(batch)
    assert batch is not None
    taken = batch.records
    assert 3 <= taken <= 4, "the bound is shared by the lanes, rounded up"
    assert bench.cycle.take(batch) is batch
    assert batch.records == taken
