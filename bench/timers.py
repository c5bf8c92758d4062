"""What it costs to look for timers that are due, with none stored and with a million. No broker."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from app.lane.plan import Plan
from app.lane.rows import Rows
from app.lane.store import Stores
from app.lane.ticks import Due, due_key
from app.main import AGENTS, lane_config
from app.settings import Settings
from app.topics import DEAD_LETTERS
from tables.processes import PROCESS_TIMERS

if TYPE_CHECKING:
    from bench.ground import Ground
    from bench.report import Figures

LOOKS, FIRED = 2000, 500  # looks at the first row; timers that one tick hands out


async def measure(_: Ground, count: int) -> Figures:
    """Fill one partition with timers; look for the first, and take those that are due."""
    found: Figures = {"timers": count}
    with tempfile.TemporaryDirectory(prefix="orderlane-timers-") as folder:
        config = lane_config(Settings(data_dir=Path(folder)))
        stores = Stores(Path(folder), config.memory_bytes)
        rows = Rows(0, stores.open(0), Plan(config, AGENTS, DEAD_LETTERS), 100)
        found["look_at_none_us"] = _look(rows)
        prefix = rows._prefix[PROCESS_TIMERS]  # noqa: SLF001 - as a cycle would write them
        for start in range(0, count, 10_000):
            keys = [
                prefix + due_key(10 * n, b"order-%d" % n) for n in range(start, min(count, start + 10_000))
            ]
            rows.store.apply([(key, b"-") for key in keys], ())
        found["look_us"] = _look(rows)
        began = time.perf_counter()
        due = rows.scan(PROCESS_TIMERS, b"", due_key(10 * FIRED, b""), FIRED)
        found["take_500_us"] = (time.perf_counter() - began) * 1e6
        rows.store.apply([(prefix + key, None) for key, _ in due], ())
        found["look_behind_deleted_us"] = _look(rows)
        found["correct"] = len(due) == FIRED
        stores.close()
    return found


def _look(rows: Rows) -> float:
    """Return what a look costs, in microseconds: the first of a tenure is not counted."""
    first = Due(rows, PROCESS_TIMERS)
    first.first()
    began = time.perf_counter()
    for _ in range(LOOKS):
        first.first()
    return (time.perf_counter() - began) / LOOKS * 1e6
