"""`GET /orders/{id}`: how long an answer takes while the worker is idle, and while it decides commands at its limit."""

from __future__ import annotations

import asyncio
import json
import sys
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bench.latency import quantile
from bench.load import stream
from bench.loading import load
from bench.processes import snapshot

if TYPE_CHECKING:
    from bench.ground import Ground, Lag
    from bench.report import Figures
    from tests.running import Worker

FIRST = 20_000  # commands before the first request: their orders are asked for
ORDERS = 10_000
SECONDS = 4.0
WAYS = {"paced": ("--rate", "500"), "flat_out": ()}  # both with 50 connections
SOURCES = ("order-commands",)


async def measure(ground: Ground, count: int) -> Figures:
    """Ask while the worker is idle, then while it has `count` more commands to decide."""
    app_id, found = "reads", dict[str, float | bool | str]()
    await ground.clear(app_id)
    await load(ground.bootstrap, stream(FIRST))
    with ground.worker(app_id) as worker:
        async with ground.lag(app_id, SOURCES) as lag:
            await lag.wait()
            await ground.quiet()
            found |= await _both_ways(ground, worker, lag, "idle")
    await load(ground.bootstrap, islice(stream(FIRST + count), FIRST, None))
    await ground.quiet()
    with ground.worker(app_id) as worker:
        async with ground.lag(app_id, SOURCES) as lag:
            await lag.wait(below=await lag.now())  # it has begun
            found |= await _both_ways(ground, worker, lag, "loaded")
            found["loaded_to_the_end"] = (
                await lag.now() > 0
            )  # else there was not enough to decide: raise --count
    return found


async def _both_ways(ground: Ground, worker: Worker, lag: Lag, state: str) -> Figures:
    found: Figures = {}
    for way, words in WAYS.items():
        before, left = snapshot(worker.pid, ground.broker), await lag.now()
        asking = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.asking", str(urlsplit(worker.url).port),
            "--orders", str(ORDERS), "--seconds", str(SECONDS), *words,
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        output, _ = await asking.communicate()
        used = snapshot(worker.pid, ground.broker) - before
        answers = json.loads(output)
        took = answers["took"]
        name = f"{state}_{way}"
        found |= {
            f"{name}_requests_per_s": len(took) / SECONDS,
            f"{name}_p50_ms": quantile(took, 0.5) * 1e3,
            f"{name}_p99_ms": quantile(took, 0.99) * 1e3,
            f"{name}_max_ms": took[-1] * 1e3,
            f"{name}_failed": answers["failed"],
            f"{name}_other_cpus": used.other_cpus,
        }
        if left:
            found[f"{name}_records_per_s"] = (left - await lag.now()) / used.at
    return found
