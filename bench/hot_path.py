"""What the synchronous part of a command costs in a worker, step by step, in microseconds of CPU. No broker.

    python -m bench.hot_path [--commands 100000] [--profile]

The stream is that of `bench.load`; records are decoded, decided, packed and stored by the engine's own cycle.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import pstats
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from aiokafka import TopicPartition
from aiokafka.producer.message_accumulator import BatchBuilder

from app.lane.batch import Batch, Share, Stats
from app.lane.cycle import Cycle
from app.lane.declare import Record
from app.lane.lane import Lane
from app.lane.lanes import Lanes
from app.lane.partition import partition_of
from app.lane.rows import Rows
from app.main import AGENTS, lane_config
from app.settings import Settings
from app.topics import DEAD_LETTERS
from bench.load import stream

if TYPE_CHECKING:
    from collections.abc import Sequence

PARTITIONS = 8


class Bench:
    """A cycle with everything but a broker."""

    def __init__(self, folder: str) -> None:
        config = lane_config(Settings(data_dir=Path(folder), partitions=PARTITIONS))
        self.lanes = Lanes(config, AGENTS, DEAD_LETTERS)
        plan, stores = self.lanes.plan, self.lanes.stores
        self.rows = [Rows(n, stores.open(n), plan, config.cached_rows // 16) for n in range(PARTITIONS)]
        self.queues = {
            (topic, n): Lane(
                TopicPartition(topic, n), agent, self.rows[n], 0, config.lane_records, asyncio.Event()
            )
            for topic, agent in plan.agents.items()
            for n in range(PARTITIONS)
        }
        producer: Any = SimpleNamespace(create_batch=lambda: BatchBuilder(900_000, 0, is_transactional=1))
        member: Any = None
        self.cycle = Cycle(config, plan, member, list(self.queues.values()), producer, Stats())
        self.spent = dict.fromkeys(("decide", "pack", "store"), 0.0)

    async def turn_over(self, shares: Sequence[Share]) -> Batch:
        batch, clock = Batch(list(shares)), time.thread_time
        at = [clock()]
        await self.cycle.decide(batch)
        at.append(clock())
        self.cycle.launch(batch)
        packed = await self.cycle.pack(batch)
        at.append(clock())
        batch.next_offsets = {tp: 0 for tp, _ in packed}
        await self.cycle.store(batch)
        at.append(clock())
        for step, start, end in zip(self.spent, at[:-1], at[1:], strict=True):
            self.spent[step] += end - start
        return batch


async def run(commands: int, per_cycle: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(folder)
        offsets: dict[tuple[str, int], int] = {}

        def record(topic: str, partition: int, key: bytes, value: bytes, headers: Any) -> Record:
            offsets[topic, partition] = offsets.get((topic, partition), -1) + 1
            return Record(topic, partition, offsets[topic, partition], 0, key, value, headers)

        todo = [
            (partition_of(key, PARTITIONS), key, value, headers) for key, value, headers in stream(commands)
        ]
        for first in range(0, commands, per_cycle):
            given: dict[tuple[str, int], list[Record]] = {}
            for partition, key, value, headers in todo[first : first + per_cycle]:
                given.setdefault(("order-commands", partition), []).append(
                    record("order-commands", partition, key, value, headers)
                )
            shares = [Share(bench.queues[at], records, 0) for at, records in given.items()]
            await bench.turn_over(shares)
        total = sum(bench.spent.values())
        for step, seconds in bench.spent.items():
            print(f"{step:7} {seconds / commands * 1e6:6.2f} us a command")
        print(
            f"{'in all':7} {total / commands * 1e6:6.2f} us a command, {commands / total:,.0f} commands a second"
        )
        bench.lanes.stores.close()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--commands", type=int, default=100_000)
    parser.add_argument("--per-cycle", type=int, default=4000)
    parser.add_argument("--profile", action="store_true")
    args = parser.parse_args()
    if args.profile:
        profile = cProfile.Profile()
        profile.runcall(asyncio.run, run(args.commands, args.per_cycle))
        pstats.Stats(profile).sort_stats("tottime").print_stats(35)
    else:
        asyncio.run(run(args.commands, args.per_cycle))


if __name__ == "__main__":
    main()
