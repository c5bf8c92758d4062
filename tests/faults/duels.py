"""Short runs that bring one danger about for certain: a mutant of the engine cannot hide in them.

Two workers under load, few partitions. A `Duel` is a danger with the settings that it needs. Where a worker
hangs, the transaction timeout is long, so that it is not the broker that ends what it left open; where one
dies, the session is long, so that it comes back to its own partitions and databases.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from tests.faults.checkers.all import judge_all
from tests.faults.report import Report, figures_of
from tests.faults.scene import Scene
from tests.faults.workers import Site, wait_for
from tests.faults.workload import Workload

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

PARTITIONS = 4
PATIENCE = 90.0  # seconds: the machine may be busy


class Duel(NamedTuple):
    """What befalls a worker, where, and the settings of all workers."""

    danger: Callable[[Scene, str], None]
    point: str
    settings: dict[str, str]


def death(scene: Scene, point: str) -> None:
    """Each worker dies at the point, and comes back before its session ends."""
    for worker in scene.workers.all.values():
        worker.set_trap(point)
        worker.wait_dead(f"at {point}", PATIENCE)
        worker.start()
        wait_for(f"{worker.name} is ready", lambda worker=worker: worker.ready, PATIENCE)  # type: ignore[misc]


def zombie(scene: Scene, point: str) -> None:
    """A worker hangs at the point, the group gives its work to the other, and it goes on."""
    worker, other = scene.workers["w1"], scene.workers["w2"]
    before = other.generation
    worker.set_trap(point, "stop")
    wait_for(f"{worker.name} stops at {point}", lambda: worker.stopped, PATIENCE)
    wait_for(f"{other.name} is assigned", lambda: other.generation not in (before, None), PATIENCE)
    time.sleep(4)  # for the other to take over and work on the same records
    worker.go_on()
    wait_for(f"{worker.name} is ready again", lambda: worker.ready, PATIENCE)


def pause(scene: Scene, point: str) -> None:
    """A worker stands still at the point, longer than any request may take but not past its session."""
    worker = scene.workers["w1"]
    worker.set_trap(point, "stop")
    wait_for(f"{worker.name} stops at {point}", lambda: worker.stopped, PATIENCE)
    time.sleep(11)
    worker.go_on()


_ZOMBIE = {
    "SESSION_TIMEOUT": "6",
    "TRANSACTION_TIMEOUT": "30",
    "TRANSACTION_DEADLINE": "30",
    "STANDBY_REPLICAS": "0",  # nothing but the cycle is to wake up late
}
_DEATH = {"SESSION_TIMEOUT": "40", "TRANSACTION_TIMEOUT": "6"}

DIES_STORED_NOT_COMMITTED = Duel(death, "stored-not-committed", _DEATH)
DIES_STORED = Duel(death, "stored", _DEATH)
HANGS_BEFORE_SEND = Duel(zombie, "before-send", _ZOMBIE)
STANDS_STILL = Duel(pause, "before-send", _DEATH)
HANGS_IN_TRANSACTION = Duel(zombie, "fenced", _ZOMBIE)


def fight(
    folder: Path,
    bootstrap: str,
    duel: Duel,
    *,
    mutant: str | None = None,
    settings: Mapping[str, str] | None = None,
    seed: int = 1,
    rate: float = 100,
) -> Report:
    """Run a duel with workers (or mutants of them), and judge."""
    site = Site(folder, bootstrap, partitions=PARTITIONS, settings={**duel.settings, **(settings or {})})
    arguments = ("--mutant", mutant) if mutant else ()
    with Scene(
        site, ("w1", "w2"), Workload(seed, orders=60, lives=30), rate=rate, arguments=arguments
    ) as scene:
        time.sleep(2)  # of work, so that there is something to lose
        duel.danger(scene, duel.point)
        time.sleep(1)
        history = scene.end(drain=30)
    return Report(
        command=f"{duel.danger.__name__} at {duel.point}, mutant {mutant}",
        seed=seed,
        faults={},
        figures=figures_of(history),
        verdicts=judge_all(history),
        exits=scene.workers.exits,
        notes=scene.notes,
    )
