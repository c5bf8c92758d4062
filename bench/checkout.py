"""A whole checkout: from the sending of an order to its confirmation, with the house account; and one hot item."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bench.ground import ALL
from bench.latency import at_rate, quantile
from bench.load import receipts, reservations
from bench.loading import load
from bench.processes import snapshot

if TYPE_CHECKING:
    from bench.ground import Ground
    from bench.report import Figures

ITEMS = 10_000  # as many as the orders name
RATE, WARM = 200, 15.0  # orders a second; seconds
SOURCES = ("order-commands", "stock-commands", "cart-commands", "process-inputs")
CONFIRMED = "order-confirmed.v1"


async def measure(ground: Ground, count: int) -> Figures:
    """Place orders at a steady rate, each of which reserves, is authorised and is confirmed by itself."""
    app_id = "checkout"
    await ground.clear(app_id)
    with ground.worker(app_id, agents=ALL) as worker:
        async with ground.lag(app_id, SOURCES) as lag:
            await load(ground.bootstrap, receipts(ITEMS), "stock-commands")
            await lag.wait()
            await at_rate(ground.bootstrap, 0, RATE, WARM, CONFIRMED, "--checkouts")
            await lag.wait()
            await ground.quiet()
            before = snapshot(worker.pid, ground.broker)
            first = int(RATE * WARM)
            took = await at_rate(ground.bootstrap, first, RATE, count / RATE, CONFIRMED, "--checkouts")
            used = snapshot(worker.pid, ground.broker) - before
    found: Figures = {"orders": count, "confirmed": len(took), "correct": len(took) == count}
    shown = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}
    found |= {f"{name}_ms": quantile(took, share) * 1e3 for name, share in shown.items()}
    found |= {"worker_cpus": used.worker / used.at, "other_cpus": used.other_cpus}
    return found


async def one_item(ground: Ground, count: int) -> Figures:
    """Reserve one item `count` times: all of it is decided on one lane."""
    app_id = "one-item"
    await ground.clear(app_id)
    await load(ground.bootstrap, receipts(1, 10 * count), "stock-commands")
    await load(ground.bootstrap, reservations(count), "stock-commands")
    await ground.quiet()
    with ground.worker(app_id, agents=ALL) as worker:
        async with ground.lag(app_id, ("stock-commands",)) as lag:
            await lag.wait(below=count)  # it has begun
            began, left = time.time(), await lag.now()
            before = snapshot(worker.pid, ground.broker)
            await lag.wait()
            used = snapshot(worker.pid, ground.broker) - before
    return {
        "reservations": count,
        "reservations_per_s": left / (time.time() - began),
        "worker_us_per_reservation": used.worker / left * 1e6,
        "other_cpus": used.other_cpus,
    }
