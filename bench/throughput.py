"""How many commands one worker decides a second, and what each of them costs: ours, and plain Faust."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.load import stream
from bench.loading import load
from bench.processes import at_moment
from bench.verdict import judge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.ground import Ground
    from bench.report import Figures

PLAIN_FAUST = (
    "-m",
    "faust",
    "-A",
    "bench.plain_faust",
    "--loop",
    "uvloop",
    "worker",
    "-l",
    "warn",
    "--without-web",
)
WARM_UP = 40_000  # commands before the first measurement: the broker compiles what it does often


async def product(ground: Ground, count: int) -> Figures:
    """Run `count` commands through one worker. A first round, not counted, warms the broker up."""
    await _round(ground, "warm-up", min(count, WARM_UP))
    return await _round(ground, "product", count, ("order-commands",))


async def plain_faust(ground: Ground, count: int) -> Figures:
    """The same decisions and messages by one Faust agent, as Faust's own documentation would write it."""
    return await _round(ground, "plain-faust", count, command=PLAIN_FAUST)


async def _round(
    ground: Ground,
    app_id: str,
    count: int,
    sources: Sequence[str] = ("order-commands",),
    command: Sequence[str] = ("-m", "app", "worker"),
) -> Figures:
    await ground.clear(app_id)
    await load(ground.bootstrap, stream(count))
    await ground.quiet()
    with ground.worker(app_id, command) as worker:
        async with ground.lag(app_id, sources) as lag:
            seen, peak = await ground.watch(worker, lag)
    came = await judge(ground.bootstrap, count)
    start, end = came.quarter(1), came.quarter(3)
    used = at_moment(end, seen) - at_moment(start, seen)
    decided = count * came.middle / len(came.times)  # commands behind the events of that window
    return {
        "commands": count,
        "events": len(came.times),
        "steady_per_s": decided / used.at,
        "whole_per_s": count / (seen[-1].at - came.times[0]),
        "worker_us_per_command": used.worker / decided * 1e6,
        "broker_us_per_command": used.broker / decided * 1e6,
        "rss_peak_mb": peak,
        "other_cpus": used.other_cpus,
        "correct": came.ok,
        **({} if came.ok else {f"fault_{name}": number for name, number in came.faults.items()}),
    }
