"""How fast it is, on this machine: `make bench`, or single parts of it.

    python -m bench [PART...] [--count N] [--full] [--write]
    python -m bench profile [--count N]

All parts run on one broker, in one run, because figures of different runs say little about each other. A part
waits until the machine is idle, and reports as `other_cpus` how many cores anything else used meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import shlex
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop

from bench import checkout, latency, limits, profile, reads, recovery, throughput, timers
from bench.ground import Ground
from bench.report import as_json, ratios, table, write
from dev.kafka import Missing, Node

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bench.report import Figures

Part = tuple[
    "Callable[[Ground, int], Awaitable[Figures]]", int, int
]  # what runs; how many by default, and --full
PARTS: dict[str, Part] = {
    "throughput": (throughput.product, 800_000, 800_000),  # commands
    "plain-faust": (throughput.plain_faust, 30_000, 60_000),  # commands
    "limits": (limits.measure, 200_000, 800_000),  # records
    "latency": (latency.measure, 20_000, 20_000),  # commands before the first that is measured
    "reads": (reads.measure, 600_000, 900_000),  # commands to decide while others read
    "checkout": (checkout.measure, 4_000, 4_000),  # orders, at 200 a second
    "one-item": (checkout.one_item, 60_000, 200_000),  # reservations
    "timers": (timers.measure, 1_000_000, 1_000_000),  # timers of one partition
    "recovery": (recovery.measure, 200_000, 1_000_000),  # orders
    "profile": (profile.measure, 600_000, 900_000),  # commands; not a part of a whole run
}
BROKER_MB = 512


async def measure(names: list[str], count: int | None, *, full: bool, patience: float) -> dict[str, Figures]:
    """Run the parts, in order, on one broker."""
    this = asyncio.current_task()
    assert this is not None  # noqa: S101 - a coroutine runs in a task
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)  # leave no worker behind
    found: dict[str, Figures] = {}
    with (
        tempfile.TemporaryDirectory(prefix="orderlane-bench-") as folder,
        Node(Path(folder, "kafka"), memory_mb=BROKER_MB, quick=False) as node,
    ):
        ground = Ground(node, Path(folder), patience)
        for name in names:
            run, usual, most = PARTS[name]
            print(name, flush=True)
            found[name] = await run(ground, count or (most if full else usual))
            print(table({name: found[name]}), flush=True)
    if made := ratios(found):
        found["ratios"] = made
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "part", nargs="*", choices=[[], *PARTS], help=f"of {', '.join(PARTS)}; all but profile"
    )
    parser.add_argument("--count", type=int, help="commands, records or orders of each part that runs")
    parser.add_argument("--full", action="store_true", help="a million orders, and longer runs")
    parser.add_argument("--write", action="store_true", help="put the figures into bench/RESULTS.md")
    parser.add_argument(
        "--patience", type=float, default=30, help="seconds that a part waits for an idle machine"
    )
    args = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it tells of every try again
    names = args.part or [name for name in PARTS if name != "profile"]
    try:
        found = uvloop.run(measure(names, args.count, full=args.full, patience=args.patience))
    except Missing as missing:
        raise SystemExit(str(missing)) from None
    except asyncio.CancelledError:
        raise SystemExit("stopped") from None
    print(f"\n{table(found)}\n\n{as_json(found)}")
    if args.write:
        write(found, shlex.join(["python", "-m", "bench", *sys.argv[1:]]))
    raise SystemExit(any(figures.get("correct") is False for figures in found.values()))


if __name__ == "__main__":
    main()
