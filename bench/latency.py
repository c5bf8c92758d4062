"""From the sending of a command to the arrival of its event at a read_committed consumer, at a steady rate.

A process of its own sends; this one receives. The worker has decided some thousand commands before.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, TopicPartition

from app.lane import fetching
from bench.load import stream
from bench.loading import load
from bench.processes import snapshot
from bench.verdict import EVENTS, PARTITIONS, event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.lane.fetching import Fetched
    from bench.ground import Ground
    from bench.report import Figures

fetching.install()

RATES = {2000: 10.0, 50: 20.0}  # commands a second -> seconds
WARM = (2000, 20.0)  # before: a broker just started takes that long to compile what it does
_LAST = 2.0  # seconds without any event: there are no more


async def measure(ground: Ground, count: int) -> Figures:
    """Measure each rate in turn, after `count` commands."""
    app_id, found = "latency", dict[str, float | bool | str]()
    await ground.clear(app_id)
    with ground.worker(app_id) as worker:
        async with ground.lag(app_id, ["order-commands"]) as lag:
            await load(ground.bootstrap, stream(count))
            await lag.wait()
        await at_rate(ground.bootstrap, count, *WARM)
        count += int(WARM[0] * WARM[1])
        for rate, seconds in RATES.items():
            await ground.quiet()
            before = snapshot(worker.pid, ground.broker)
            took = await at_rate(ground.bootstrap, count, rate, seconds)
            used = snapshot(worker.pid, ground.broker) - before
            count += int(rate * seconds)
            shown = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}
            found |= {f"at_{rate}_events": len(took)}
            found |= {f"at_{rate}_{name}_ms": quantile(took, share) * 1e3 for name, share in shown.items()}
            found |= {
                f"at_{rate}_worker_cpus": used.worker / used.at,
                f"at_{rate}_other_cpus": used.other_cpus,
            }
    return found


def quantile(values: list[float], share: float) -> float:
    """Return the value below which that share of the sorted values lies."""
    return values[min(len(values) - 1, int(len(values) * share))]


async def at_rate(
    bootstrap: str, skip: int, rate: int, seconds: float, kind: str = "", *words: str
) -> list[float]:
    """Return how long each command took that led to an event (of this type, if there is one), sorted.

    `words`: further arguments of the process that sends.
    """
    arrived: dict[str, float] = {}
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, isolation_level="read_committed")
    await consumer.start()
    consumer.assign([TopicPartition(EVENTS, number) for number in range(PARTITIONS)])
    await consumer.seek_to_end()
    fetching.deliver(
        consumer, lambda found: _note(found, arrived, kind), 0.002
    )  # a consumer that keeps nobody waiting
    sender = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.loading", bootstrap,
        "--skip", str(skip), "--rate", str(rate), "--seconds", str(seconds), *words,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await sender.communicate()
    sent: dict[str, float] = json.loads(output)
    # refused commands have no event: what has not come for a while does not come
    known = -1
    while known < len(arrived):
        known = len(arrived)
        await asyncio.sleep(_LAST)
    await consumer.stop()
    return sorted(arrived[each] - sent[each] for each in arrived.keys() & sent.keys())


def _note(found: Sequence[Fetched], arrived: dict[str, float], kind: str) -> None:
    now = time.time()
    for _, records, _ in found:
        for record in records:
            seen = event(record.value or b"")
            if kind in ("", seen.type):
                arrived.setdefault(seen.correlationid, now)
