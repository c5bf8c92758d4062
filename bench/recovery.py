"""How much memory a worker needs for many orders, and how soon one that has lost its disk is ready again."""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from typing import TYPE_CHECKING

from bench.load import stream
from bench.loading import load
from bench.processes import memory_mb, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.ground import Ground
    from bench.load import Made
    from bench.report import Figures

_PROGRESS = re.compile(r"recovery: ([\d,]+) rows, ([\d,]+) rows/s")
_READY = 300.0  # seconds


async def measure(ground: Ground, count: int) -> Figures:
    """Place `count` orders; then let the worker start without its folder."""
    app_id = "recovery"
    await ground.clear(app_id)
    await load(ground.bootstrap, _until_placed(count))
    with ground.worker(app_id) as worker:
        async with ground.lag(app_id, ["order-commands"]) as lag:
            await lag.wait()
        working, working_peak = memory_mb(worker.pid)
    on_disk = sum(each.stat().st_size for each in worker.data.rglob("*") if each.is_file()) / 1e6
    shutil.rmtree(worker.data)
    worker.log.unlink()
    await ground.quiet()
    began = time.monotonic()
    with ground.worker(app_id, log_level="info") as worker:
        before = snapshot(worker.pid, ground.broker)
        while not worker.is_ready():
            if time.monotonic() - began > _READY:
                raise TimeoutError(f"not ready after {_READY:g} s\n{worker.tail()}")
            await asyncio.sleep(0.05)
        ready = time.monotonic() - began
        used = snapshot(worker.pid, ground.broker) - before
        after, after_peak = memory_mb(worker.pid)
        rows, speed = _PROGRESS.findall(worker.log.read_text())[-1]
    return {
        "orders": count,
        "rss_mb": working,
        "rss_peak_mb": working_peak,
        "disk_mb": on_disk,
        "rows": int(rows.replace(",", "")),
        "rows_per_s": float(speed.replace(",", "")),
        "ready_s": ready,  # from the start of the process
        "recovered_rss_mb": after,
        "recovered_rss_peak_mb": after_peak,
        "other_cpus": used.other_cpus,
    }


def _until_placed(orders: int) -> Iterator[Made]:
    """Yield the stream up to the command that places the last of so many orders."""
    last = f"o-{orders - 1:08d}".encode()
    for made in stream(2 * orders + 1000):
        yield made
        if made[0] == last:
            return
