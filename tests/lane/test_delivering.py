"""A batch goes the eight steps in order, and however one of them fails it is stored once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.record.memory_records import MemoryRecords

from app.lane import cycle as engine
from app.lane.doubt import Gone
from app.lane.fencing import StaleMember
from app.lane.partition import partition_of
from tests.lane.bench import HERE, A, B, Bench, Wire
from tests.lane.depot import FACTS, LOADS, PARCELS, PARTITIONS, WEIGHTS

if TYPE_CHECKING:
    from app.lane.batch import Moves, Stats
    from app.lane.producer import LaneProducer


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
