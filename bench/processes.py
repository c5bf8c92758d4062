"""What processes have used, as Linux counts it: seconds of CPU, and memory.

Who used the CPU in a window matters as much as how much: what neither worker nor broker nor the benchmark itself
used is `other_cpus`, and a figure with more than a little of it is not worth keeping.
"""

from __future__ import annotations

import asyncio
import os
import resource
import time
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")
_QUIET = 0.2  # cores in use, below which a box is idle
_SECONDS_OF_QUIET = 3


class Snapshot(NamedTuple):
    """Seconds of CPU used so far, at a moment of the clock that Kafka's timestamps are of."""

    at: float
    worker: float
    broker: float
    bench: float
    box: float

    def __sub__(self, before: Snapshot) -> Snapshot:
        return Snapshot(*[now - then for now, then in zip(self, before, strict=True)])

    @property
    def other_cpus(self) -> float:
        """Of a difference: the cores that nobody of ours used."""
        return max(0.0, self.box - self.worker - self.broker - self.bench) / self.at


def snapshot(worker: int, broker: int) -> Snapshot:
    """Look at a worker, a broker (process ids), ourselves with all children that have ended, and the box."""
    own, ended = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    bench = own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime
    return Snapshot(time.time(), _cpu_seconds(worker), _cpu_seconds(broker), bench, _box_seconds())


def at_moment(moment: float, snapshots: list[Snapshot]) -> Snapshot:
    """Return what a snapshot would have shown, from the two around that moment."""
    after = next((n for n, each in enumerate(snapshots) if each.at >= moment), len(snapshots) - 1)
    right, left = snapshots[after], snapshots[max(0, after - 1)]
    share = (moment - left.at) / (right.at - left.at) if right.at > left.at else 0.0
    return Snapshot(*[a + (b - a) * share for a, b in zip(left, right, strict=True)])


def memory_mb(pid: int) -> tuple[float, float]:
    """Return resident memory of a process: now, and at its peak."""
    status = Path(f"/proc/{pid}/status").read_text()
    sizes = dict(line.split(":", 1) for line in status.splitlines())
    now, peak = (int(sizes[name].split()[0]) * 1024 / 1e6 for name in ("VmRSS", "VmHWM"))
    return now, peak


async def wait_quiet(most: float) -> float:
    """Return when the box has been idle for some seconds, or after `most` seconds: the cores last in use."""
    deadline, quiet, used = time.monotonic() + most, 0, 0.0
    while quiet < _SECONDS_OF_QUIET and time.monotonic() < deadline:
        before = _box_seconds()
        await asyncio.sleep(1)
        used = _box_seconds() - before
        quiet = quiet + 1 if used < _QUIET else 0
    return used


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS  # user, system


def _box_seconds() -> float:
    fields = Path("/proc/stat").read_text().split(maxsplit=9)
    user, nice, system, _idle, _wait, interrupts, soft, stolen = map(int, fields[1:9])
    return (user + nice + system + interrupts + soft + stolen) / _TICKS
