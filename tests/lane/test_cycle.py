"""The cycle turns: what it decides, fills and finishes while a batch is on its way."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from aiokafka import TopicPartition

from tests.lane.bench import HERE, A, B, Bench
from tests.lane.depot import PARCELS, WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable


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


async def _until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not happened():  # noqa: ASYNC110 - the loop gets turns until it has
            await asyncio.sleep(0)
