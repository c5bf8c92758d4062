"""`python -m tests.faults.chaos --kills 200`: workers die, hang, join and leave; then all is checked.

Two workers and a loader on a Kafka of its own. The plan follows from the seed, which is printed first.
"""

from __future__ import annotations

import argparse
import logging
import math
import random
import shlex
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dev.kafka import Node
from tests.faults.checkers.all import judge_all
from tests.faults.nemesis import Nemesis, plan
from tests.faults.report import Report, figures_of, longest_stalls
from tests.faults.scene import Scene
from tests.faults.workers import Site
from tests.faults.workload import Workload

SESSION = 6.0


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much harm, in how much load."""

    kills: int
    stops: int
    joins: int
    seed: int
    rate: float = 250.0
    orders: int = 800
    partitions: int = 8
    pause: tuple[float, float] = (0.3, 2.5)
    minutes: float = math.inf  # after which no more harm is done


def run(folder: Path, size: Size, command: str) -> Report:
    """Run it on a Kafka in the folder. The logs of workers and brokers stay there."""
    began = time.monotonic()
    with Node(folder / "kafka") as node:
        site = Site(
            folder, node.bootstrap, partitions=size.partitions, settings={"SESSION_TIMEOUT": str(SESSION)}
        )
        workload = Workload(size.seed, size.orders, opened=datetime.now(UTC), rate=size.rate)
        with Scene(site, ("w1", "w2"), workload, rate=size.rate) as scene:
            nemesis = Nemesis(scene.workers, size.seed, session=SESSION, pause=size.pause)
            steps = plan(size.seed, size.kills, size.stops, size.joins)
            for number, line in enumerate(nemesis.run(steps), 1):
                print(f"{time.monotonic() - began:6.1f} s  {number}/{len(steps)}  {line}", flush=True)
                if time.monotonic() - began > size.minutes * 60:
                    break
            history, audits = scene.end_all()
    stalls = longest_stalls([seen.partition for seen in scene.outcomes.seen], scene.outcomes.times)
    return Report(
        command=command,
        seed=size.seed,
        faults=nemesis.done.counts,
        figures={
            **figures_of(history),
            "kills": nemesis.done.kills,
            "stops": nemesis.done.stops,
            "longest stall of a partition (s)": round(max(stalls.values(), default=0), 1),
            "seconds": round(time.monotonic() - began),
        },
        verdicts=[*judge_all(history), *audits],
        exits=scene.workers.exits,
        notes=[*nemesis.done.missed, *scene.notes],
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--stops", type=int, help="SIGSTOPs beyond the session (default: one to 15 kills)")
    parser.add_argument(
        "--joins", type=int, help="third workers that join and leave (default: one to 40 kills)"
    )
    parser.add_argument("--rate", type=float, default=250, help="commands a second")
    parser.add_argument("--minutes", type=float, default=math.inf, help="do no more harm after that")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--report", type=Path, default=Path("chaos-report.json"))
    parser.add_argument(
        "--keep", type=Path, help="folder for data and logs (default: removed after a clean run)"
    )
    given = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it complains of every outage
    print(f"seed {given.seed}", flush=True)
    size = Size(
        kills=given.kills,
        stops=given.kills // 15 if given.stops is None else given.stops,
        joins=given.kills // 40 if given.joins is None else given.joins,
        seed=given.seed,
        rate=given.rate,
        minutes=given.minutes,
    )
    folder = given.keep or Path(tempfile.mkdtemp(prefix="chaos-"))
    report = run(folder.absolute(), size, shlex.join(["python", "-m", "tests.faults.chaos", *sys.argv[1:]]))
    report.write(given.report)
    print(report.table())
    print(f"{report.violations} violations; the whole report: {given.report}; logs: {folder}")
    return 0 if report.clean and not report.exits else 1


if __name__ == "__main__":
    sys.exit(main())
