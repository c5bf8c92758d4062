"""`python -m tests.faults.brokers`: three brokers die, freeze and come back under load; then all is checked.

Each scenario has a cluster, two workers and a loader of its own. No violation may be found, no worker may
leave by itself, and every partition must go on within 20 s after the brokers are back.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import shlex
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dev.kafka import Cluster
from tests.faults.checkers.all import judge_all
from tests.faults.duels import HANGS_BEFORE_SEND, HANGS_IN_TRANSACTION, fight
from tests.faults.outages import OUTAGES, Back, Stage
from tests.faults.report import Report, figures_of, longest_stalls, write_all
from tests.faults.scene import Scene
from tests.faults.stale import probe
from tests.faults.verdict import Verdict, Violation, Violations, judge
from tests.faults.workers import Overdue, Site
from tests.faults.workload import Workload

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.faults.recorder import Tail

GOES_ON = 20.0  # seconds after the brokers' return
SETTINGS = {"REPLICATION_FACTOR": "3", "MIN_INSYNC_REPLICAS": "2"}


def run(folder: Path, name: str, *, seed: int, rate: float, command: str, partitions: int = 8) -> Report:
    """Run one scenario on a cluster in the folder."""
    began = time.monotonic()
    backs: list[Back] = []
    with Cluster(folder / "kafka") as cluster:
        site = Site(folder, cluster.bootstrap, partitions=partitions, settings=SETTINGS)
        workload = Workload(seed, opened=datetime.now(UTC), rate=rate)
        with Scene(site, ("w1", "w2"), workload, rate=rate) as scene:
            internal = {topic.name for topic in scene.plan.topics}
            stage = Stage(cluster, scene, random.Random(seed), tuple(sorted(internal)))
            stage.wait(4)
            try:
                for back in OUTAGES[name](stage):
                    backs.append(back)
                    print(f"{time.monotonic() - began:6.1f} s  {name}  {back.what}", flush=True)
            except Overdue as overdue:
                scene.notes.append(str(overdue))
                for node in cluster.servers:
                    cluster.thaw(node)
            history = scene.end()
    stalls = longest_stalls([seen.partition for seen in scene.outcomes.seen], scene.outcomes.times)
    waits = [resumed(scene.outcomes, back, partitions) for back in backs]
    return Report(
        command=command,
        seed=seed,
        faults=stage.counts,
        figures={
            **figures_of(history),
            "longest stall of a partition (s)": round(max(stalls.values(), default=0), 1),
            "longest wait after the brokers' return (s)": round(max(map(max, waits), default=0), 1),
            "seconds": round(time.monotonic() - began),
        },
        verdicts=[*judge_all(history), goes_on(backs, waits)],
        exits=scene.workers.exits,
        notes=scene.notes,
    )


def resumed(tail: Tail, back: Back, partitions: int) -> list[float]:
    """Return how long each partition took to give its first outcome after the brokers' return."""
    first = dict.fromkeys(range(partitions), float("inf"))
    for seen, at in zip(tail.seen, tail.times, strict=True):
        if at >= back.at:
            first[seen.partition] = min(first[seen.partition], at - back.at)
    return [first[partition] for partition in range(partitions)]


def goes_on(backs: Sequence[Back], waits: Sequence[Sequence[float]]) -> Verdict:
    """Every partition gives an outcome within 20 s after each return of the brokers."""

    def violations() -> Violations:
        for back, after in zip(backs, waits, strict=True):
            for partition, seconds in enumerate(after):
                if seconds > GOES_ON:
                    what = f"went on {seconds:.1f} s after: {back.what}"
                    yield Violation(f"partition {partition}", what, int(min(seconds, 10**6)))

    return judge(f"partitions go on within {GOES_ON:.0f} s", sum(map(len, waits)), violations())


def counterproof(folder: Path) -> list[str]:
    """Two dangers that the protocol is for must be real: without barrier, or without fence, they are caught.

    And the stale answer of a thawed coordinator must come, and must not mislead. Returns what did not come.
    """
    missing = []
    for mutant, duel in (("no-barrier", HANGS_IN_TRANSACTION), ("no-fence", HANGS_BEFORE_SEND)):
        with Cluster(folder / mutant / "kafka") as cluster:
            report = fight(folder / mutant, cluster.bootstrap, duel, mutant=mutant, settings=SETTINGS)
        twice = next(verdict for verdict in report.verdicts if "there once" in verdict.check)
        print(
            f"mutant {mutant}: {report.violations} violations; {twice.count} of events: {twice.first}",
            flush=True,
        )
        if twice.clean:
            missing.append(f"mutant {mutant} is not caught")
    with Cluster(folder / "stale" / "kafka") as cluster:
        says, read = asyncio.run(probe(cluster, folder))
    print(f"a thawed coordinator says {says}, the barrier read says {read}, the truth is 2", flush=True)
    return missing if (says, read) == (1, 2) else [*missing, "stale answer"]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.brokers", description=__doc__)
    parser.add_argument("scenario", nargs="*", choices=[[], *OUTAGES], help="default: all, one after another")
    parser.add_argument("--rate", type=float, default=250, help="commands a second")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--report", type=Path, default=Path("broker-report.json"))
    parser.add_argument("--keep", type=Path, help="folder for data and logs (default: a new one)")
    given = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it complains of every outage
    print(f"seed {given.seed}", flush=True)
    folder = (given.keep or Path(tempfile.mkdtemp(prefix="brokers-"))).absolute()
    command = shlex.join(["python", "-m", "tests.faults.brokers", *sys.argv[1:]])
    reports = {}
    for name in given.scenario or OUTAGES:
        reports[name] = run(folder / name, name, seed=given.seed, rate=given.rate, command=command)
        print(f"\n## {name}\n\n{reports[name].table()}", flush=True)
        write_all(given.report, reports)
    bad = [name for name, report in reports.items() if not report.clean or report.exits or report.notes]
    if not given.scenario:
        bad += counterproof(folder / "counterproof")
    print(f"not clean: {', '.join(bad) or 'none'}; the whole report: {given.report}; logs: {folder}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
