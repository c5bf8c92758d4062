"""Short runs that bring one danger about for certain: a mutant of the engine cannot hide in them.

Two workers under load, few partitions. The transaction timeout is long, so that it is not the broker that
ends what a stopped worker left open.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.faults.checkers.all import judge_all
from tests.faults.report import Report, figures_of
from tests.faults.scene import Scene
from tests.faults.workers import Site, wait_for
from tests.faults.workload import Workload

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SESSION = 6.0
SETTINGS = {"SESSION_TIMEOUT": str(SESSION), "TRANSACTION_TIMEOUT": "20", "TRANSACTION_DEADLINE": "20"}
PARTITIONS = 4

Danger = Callable[[Scene], None]


def zombie_before_send(scene: Scene) -> None:
    """A worker hangs between decision and transaction; the group gives its work to another; it goes on."""
    _zombie(scene, "before-send")


def zombie_in_transaction(scene: Scene) -> None:
    """A worker hangs with its positions handed over and its transaction open, past its session."""
    _zombie(scene, "fenced")


def death_at(point: str, times: int = 1) -> Danger:
    """Make a worker die at a point and come back."""

    def danger(scene: Scene) -> None:
        for _ in range(times):
            for worker in scene.workers.all.values():
                worker.set_trap(point)
                worker.wait_dead(f"at {point}", 30)
                worker.start()
                wait_for(f"{worker.name} is ready", lambda worker=worker: worker.ready, 40)  # type: ignore[misc]

    return danger


def _zombie(scene: Scene, point: str) -> None:
    worker = scene.workers["w1"]
    worker.set_trap(point, "stop")
    wait_for(f"{worker.name} stops at {point}", lambda: worker.stopped, 30)
    time.sleep(SESSION + 4)  # the session, a rebalance, and time for the other to work on the same records
    worker.go_on()
    wait_for(f"{worker.name} is ready again", lambda: worker.ready, 60)


def fight(
    folder: Path,
    bootstrap: str,
    danger: Danger,
    *,
    mutant: str | None = None,
    settings: Mapping[str, str] | None = None,
    seed: int = 1,
    rate: float = 200,
) -> Report:
    """Run one danger against workers (or mutants of them), and judge."""
    site = Site(folder, bootstrap, partitions=PARTITIONS, settings={**SETTINGS, **(settings or {})})
    arguments = ("--mutant", mutant) if mutant else ()
    with Scene(site, ("w1", "w2"), Workload(seed, orders=60), rate=rate, arguments=arguments) as scene:
        time.sleep(2)  # of work, so that there is something to lose
        danger(scene)
        time.sleep(1)
        history = scene.end(drain=30)
    return Report(
        command=f"{danger.__name__}, mutant {mutant}",
        seed=seed,
        faults={},
        figures=figures_of(history),
        verdicts=judge_all(history),
        exits=scene.workers.exits,
        notes=scene.notes,
    )
