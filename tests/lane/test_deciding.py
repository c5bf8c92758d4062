"""What a batch decides: a record that fails is buried in its place, and its neighbours stand."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from app.lane.declare import Keep, Topic
from tests.lane.bench import FOREIGN, HERE, A, B, Bench
from tests.lane.depot import DEPOTS, FACTS, HUGE, LETTERS, LOADS, PARCELS, UNLUCKY, WEIGHTS, Flat, Weighing
from tests.lane.test_dead_letters import Unprintable

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.lane.turn import Turn

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
