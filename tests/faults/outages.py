"""What can happen to the brokers: each function harms a cluster, waits, and repairs it.

They yield `Back` at every moment from which on all brokers are there again: what follows it must go on soon.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tests.faults import roles
from tests.faults.workers import wait_for

if TYPE_CHECKING:
    import random

    from dev.kafka import Cluster
    from tests.faults.scene import Scene

REPLICAS = 3
PATIENCE = 90.0  # seconds for a worker to be assigned, brokers being away


class Back(NamedTuple):
    """All brokers are up. `what` was done to them, at `harmed` (as of `time.time`)."""

    what: str
    harmed: float
    at: float


@dataclass
class Stage:
    """A scene on a cluster, and the dice."""

    cluster: Cluster
    scene: Scene
    chance: random.Random
    internal: tuple[str, ...] = ()  # topics of the engine
    counts: Counter[str] = field(default_factory=Counter)

    def wait(self, seconds: float) -> None:
        """Let time pass, and look after the workers."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.scene.workers.look()
            time.sleep(0.1)

    def settle(self, low: float = 3, high: float = 6) -> None:
        """Wait until every replica is in sync, and a little longer: harm comes one at a time."""
        topics = (*self.internal, "__consumer_offsets", "__transaction_state")
        scene = self.scene
        wait_for(
            "all replicas are in sync",
            lambda: scene.background.run(roles.all_in_sync(scene.site.bootstrap, topics, REPLICAS)),
            90,
        )
        self.wait(self.chance.uniform(low, high))

    def start(self, *nodes: int) -> None:
        for node in nodes:
            self.cluster.start(node)
        for node in nodes:
            self.cluster.wait_up(node)

    def kill(self, *nodes: int) -> None:
        for node in nodes:
            self.cluster.kill(node)
        self.counts["broker kill"] += len(nodes)

    def kill_worker(self) -> None:
        worker = self.scene.workers[self.chance.choice(("w1", "w2"))]
        worker.kill()
        self.counts["worker kill"] += 1
        time.sleep(self.chance.uniform(0, 1))
        worker.start()

    def victim(self, turn: int) -> tuple[int, str]:
        """Choose a node: by turns a coordinator of transactions, that of the group, the controller, any."""
        site, run = self.scene.site, self.scene.background.run
        match turn % 4:
            case 0:
                name = f"{site.app_id}-{self.chance.choice(('w1', 'w2'))}"
                return run(roles.coordinator(site.bootstrap, "transaction", name)), "transaction coordinator"
            case 1:
                return run(roles.coordinator(site.bootstrap, "group", site.app_id)), "group coordinator"
            case 2:
                return roles.controller(self.cluster) or 1, "controller"
            case _:
                return self.chance.randint(1, 3), "any node"


Outage = Callable[[Stage], Iterator[Back]]


def kills(stage: Stage, times: int = 12) -> Iterator[Back]:
    """Kill -9 one node after another, each away for 5 to 15 s."""
    for turn in range(times):
        yield from _one(stage, turn, stage.kill)


def graceful(stage: Stage, times: int = 3) -> Iterator[Back]:
    """SIGTERM: the node hands its partitions over before it leaves."""
    for turn in range(times):
        yield from _one(stage, turn, lambda node: _stop(stage, node))


def with_worker_kills(stage: Stage, times: int = 3) -> Iterator[Back]:
    """Kill -9 a node, and a worker close by."""
    for turn in range(times):
        if turn % 2:
            stage.kill_worker()
        yield from _one(stage, turn, lambda node, turn=turn: _with_worker(stage, node, after=not turn % 2))  # type: ignore[misc]


def rolling_restart(stage: Stage) -> Iterator[Back]:
    """One node after the other leaves in order and comes back."""
    for node in stage.cluster.servers:
        harmed = time.time()
        _stop(stage, node)
        stage.start(node)
        yield Back(f"node {node} restarted", harmed, time.time())
        stage.settle(1, 2)


def total_outage(stage: Stage) -> Iterator[Back]:
    """All three nodes are killed, and are away for 20 s."""
    yield _away(stage, (1, 2, 3), 20)
    stage.settle(6, 8)


def two_of_three(stage: Stage) -> Iterator[Back]:
    """Two nodes are killed, and are away for 15 s: the one that is left may not write."""
    keep = stage.chance.randint(1, 3)
    yield _away(stage, tuple(node for node in (1, 2, 3) if node != keep), 15)
    stage.settle(6, 8)


def frozen(stage: Stage, times: int = 3) -> Iterator[Back]:
    """SIGSTOP a node for 15 to 25 s: its connections stay open and nobody answers."""
    for turn in range(times):
        node, why = stage.victim(turn)
        harmed = time.time()
        stage.cluster.freeze(node)
        stage.counts["broker frozen"] += 1
        stage.wait(stage.chance.uniform(15, 25))
        stage.cluster.thaw(node)
        yield Back(f"node {node} ({why}) frozen", harmed, time.time())
        stage.settle()


def thawed(stage: Stage, times: int = 4) -> Iterator[Back]:
    """The group's coordinator is frozen, and thaws while a worker that was killed reads its positions.

    For some milliseconds a thawed coordinator answers from memory with what was true before it froze.
    """
    for _ in range(times):
        site = stage.scene.site
        node = stage.scene.background.run(roles.coordinator(site.bootstrap, "group", site.app_id))
        harmed = time.time()
        stage.cluster.freeze(node)
        stage.counts["broker frozen"] += 1
        stage.wait(12)
        worker = stage.scene.workers[stage.chance.choice(("w1", "w2"))]
        worker.kill()
        stage.counts["worker kill"] += 1
        worker.set_trap("in-assignment", "tell")
        worker.start()
        wait_for(f"{worker.name} is assigned", lambda worker=worker: not worker.trap.exists(), PATIENCE)  # type: ignore[misc]
        stage.cluster.thaw(node)
        yield Back(f"node {node} (group coordinator) thawed in an assignment", harmed, time.time())
        stage.settle()


def down_in_assignment(stage: Stage, times: int = 2) -> Iterator[Back]:
    """All nodes are killed while a worker is being assigned its partitions, and are away for 40 s."""
    for _ in range(times):
        worker = stage.scene.workers["w1"]
        worker.kill()
        stage.counts["worker kill"] += 1
        worker.set_trap("in-assignment", "tell")
        worker.start()
        wait_for("w1 is assigned", lambda worker=worker: not worker.trap.exists(), PATIENCE)  # type: ignore[misc]
        time.sleep(stage.chance.uniform(0, 0.4))
        yield _away(stage, (1, 2, 3), 40)
        stage.settle(8, 10)


OUTAGES: dict[str, Outage] = {
    "kills": kills,
    "graceful": graceful,
    "with-worker-kills": with_worker_kills,
    "rolling-restart": rolling_restart,
    "total-outage": total_outage,
    "two-of-three": two_of_three,
    "frozen": frozen,
    "thawed": thawed,
    "down-in-assignment": down_in_assignment,
}


def _one(stage: Stage, turn: int, harm: Callable[[int], None]) -> Iterator[Back]:
    node, why = stage.victim(turn)
    harmed = time.time()
    harm(node)
    stage.wait(stage.chance.uniform(5, 15))
    stage.start(node)
    yield Back(f"node {node} ({why})", harmed, time.time())
    stage.settle()


def _stop(stage: Stage, node: int) -> None:
    stage.cluster.stop(node)
    stage.counts["broker SIGTERM"] += 1


def _with_worker(stage: Stage, node: int, *, after: bool) -> None:
    stage.kill(node)
    if after:
        time.sleep(stage.chance.uniform(0, 1))
        stage.kill_worker()


def _away(stage: Stage, nodes: tuple[int, ...], seconds: float) -> Back:
    harmed = time.time()
    stage.kill(*nodes)
    stage.wait(seconds)
    stage.start(*nodes)
    return Back(f"nodes {nodes} away for {seconds:.0f} s", harmed, time.time())
