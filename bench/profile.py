"""Where a worker's time goes under full load: py-spy's samples, counted by step of the cycle.

py-spy is a tool of its own (`pip install py-spy`; as root, or with ptrace allowed), so it is looked for on the path.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from bench.load import stream
from bench.loading import load

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.ground import Ground
    from bench.report import Figures

SECONDS, SAMPLES = 6, 250  # samples a second
SHOWN = 25
# A sample belongs to the first of these whose mark is in its stack.
STEPS = {
    "fetch thread": "mode/threads.py",
    "decode": "decode_order_command (",
    "domain": "app/domain/",
    "encode": "app/wire/",
    "rows": "app/lane/turn.py",
    "decide (rest)": "decide (app/lane/cycle.py",
    "pack": "pack (app/lane/cycle.py",
    "store": "store (app/lane/cycle.py",
    "send": "send (app/lane/cycle.py",
    "producer": "aiokafka/producer",
    "protocol": "aiokafka/",
    "http": "aiohttp/",
    "cycle (rest)": "app/lane/",
}
REST = "asyncio and the rest"


async def measure(ground: Ground, count: int) -> Figures:
    """Sample a worker that has `count` commands to decide."""
    beside = Path(sys.executable).with_name("py-spy")
    spy = shutil.which("py-spy") or (str(beside) if beside.exists() else None)
    if spy is None:
        raise SystemExit("the profile needs py-spy, which is not installed: pip install py-spy")
    app_id, output = "profile", ground.folder / "samples"
    await ground.clear(app_id)
    await load(ground.bootstrap, stream(count))
    with ground.worker(app_id) as worker:
        async with ground.lag(app_id, ["order-commands"]) as lag:
            await lag.wait(below=await lag.now() * 9 // 10)
            left = await lag.now()
            spying = await asyncio.create_subprocess_exec(
                spy, "record", "--pid", str(worker.pid), "--duration", str(SECONDS), "--rate", str(SAMPLES),
                "--format", "raw", "--nonblocking", "--output", str(output),
                stdout=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
            if await spying.wait():
                raise SystemExit("py-spy could not look into the worker: run this as root, or allow ptrace")
            enough = await lag.now() > 0
    samples = [_sample(line) for line in output.read_text().splitlines()]
    print(_busiest(samples))
    return {
        "samples": sum(n for _, n in samples),
        "records_left": left,
        "loaded_to_the_end": enough,
        **_shares(samples),
    }


def _sample(line: str) -> tuple[str, int]:
    stack, _, times = line.rpartition(" ")
    return stack, int(times)


def _shares(samples: Iterable[tuple[str, int]]) -> Figures:
    """Return the share of each step, in percent of all samples in which the worker did something."""
    steps: Counter[str] = Counter()
    for stack, times in samples:
        steps[next((step for step, mark in STEPS.items() if mark in stack), REST)] += times
    whole = steps.total() or 1
    return {f"{step}_percent": 100 * steps[step] / whole for step in (*STEPS, REST)}


def _busiest(samples: Iterable[tuple[str, int]]) -> str:
    """Return the functions in which most samples were taken."""
    functions: Counter[str] = Counter()
    for stack, times in samples:
        functions[stack.rpartition(";")[2].rpartition(":")[0]] += times
    whole = functions.total() or 1
    return "\n".join(f"  {100 * n / whole:5.1f} %  {name})" for name, n in functions.most_common(SHOWN))
