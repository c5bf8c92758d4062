"""Does harm to workers, by a plan that follows from a seed, and notes what it did."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.faults.workers import Overdue, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.workers import Worker, Workers

# In the order of a cycle; the last two are on the way to the first cycle. `tests.faults.points` says where.
CYCLE_POINTS = ("before-send", "sent", "fenced", "in-end-txn", "committed-not-stored", "stored")
START_POINTS = ("in-assignment", "in-recovery")
POINTS = CYCLE_POINTS + START_POINTS
STOPS = (None, "fenced", "before-send", "in-assignment")  # by turns
GUEST = "w3"
PATIENCE = 60.0  # seconds for a worker to come to a point


@dataclass(frozen=True)
class Step:
    """One harm. `point` is None where it comes at any time."""

    act: str  # kill, stop, join, leave
    point: str | None = None

    def __str__(self) -> str:
        return f"{self.act} at {self.point}" if self.point else self.act


def plan(seed: int, kills: int, stops: int, joins: int) -> list[Step]:
    """Mix the steps: each point once, then every second kill at one.

    Each join is followed by its leave, with other harm between the two.
    """
    chance = random.Random(seed)
    points = [*POINTS, *(chance.choice((None, point)) for _ in range(kills) for point in POINTS)]
    steps = [Step("kill", point) for point in points[:kills]]
    steps += [Step("stop", STOPS[number % len(STOPS)]) for number in range(stops)]
    chance.shuffle(steps)
    moves = 2 * joins
    mixed: list[Step] = []
    for number in range(moves + 1):
        mixed += steps[len(steps) * number // (moves + 1) : len(steps) * (number + 1) // (moves + 1)]
        if number < moves:
            mixed.append(Step("leave" if number % 2 else "join"))
    return mixed


@dataclass
class Done:
    """What was done, for the report."""

    counts: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)  # points that were not reached in time

    @property
    def kills(self) -> int:
        return sum(count for name, count in self.counts.items() if name.startswith("kill"))

    @property
    def stops(self) -> int:
        return sum(count for name, count in self.counts.items() if name.startswith("stop"))


class Nemesis:
    """`run` the steps; in between, workers that left by themselves are started again (and noted)."""

    def __init__(self, workers: Workers, seed: int, *, session: float, pause: tuple[float, float]) -> None:
        self.done = Done()
        self._workers, self._session, self._pause = workers, session, pause
        self._chance = random.Random(seed + 1)

    def run(self, steps: list[Step]) -> Iterator[str]:
        """Do one step after another; yields what was done, as a line."""
        for step in steps:
            self.wait(self._chance.uniform(*self._pause))
            began = time.monotonic()
            worker = self._do(step)
            yield f"{step} {worker.name} ({time.monotonic() - began:.1f} s)"

    def wait(self, seconds: float) -> None:
        """Let the system work in peace, and look after the workers."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._workers.look()
            time.sleep(0.1)

    def _do(self, step: Step) -> Worker:
        if step.act == "join":
            return self._join()
        if step.act == "leave":
            return self._leave()
        worker = self._chance.choice([one for one in self._workers.all.values() if one.running])
        if step.act == "stop":
            self._stop(worker, step.point)
        elif step.point is None:
            self._kill(worker)
        else:
            self._kill_at(worker, step.point)
        return worker

    def _kill(self, worker: Worker) -> None:
        worker.kill()
        self.done.counts["kill at any time"] += 1
        self._start_later(worker)

    def _kill_at(self, worker: Worker, point: str) -> None:
        self._lay(worker, point, "kill")
        try:
            worker.wait_dead(f"at {point}", PATIENCE)
        except Overdue as overdue:
            if worker.disarm():
                self.done.missed.append(str(overdue))
                return
            worker.wait_dead(f"at {point}", 5)
        self.done.counts[f"kill at {point}"] += 1
        self._start_later(worker)

    def _lay(self, worker: Worker, point: str, act: str) -> None:
        """Set a trap. Points of the start are only reached by a start: then the worker is killed first."""
        starts = point in START_POINTS
        if starts:
            worker.kill()
            self.done.counts["kill to start again"] += 1
        worker.set_trap(point, act)
        if starts:
            worker.start()

    def _start_later(self, worker: Worker) -> None:
        time.sleep(self._chance.uniform(0, 1.5))
        worker.start()

    def _stop(self, worker: Worker, point: str | None) -> None:
        """Stop it until the group has given its partitions away, then let it find out."""
        if point is None:
            worker.stop()
            self.done.counts["stop at any time"] += 1
        else:
            self._lay(worker, point, "stop")
            try:
                wait_for(
                    f"{worker.name} stops at {point}", lambda: worker.stopped or not worker.running, PATIENCE
                )
            except Overdue as overdue:
                worker.disarm()
                self.done.missed.append(str(overdue))
                return
            self.done.counts[f"stop at {point}"] += 1
        self.wait(self._session + self._chance.uniform(1, 4))
        worker.go_on()

    def _join(self) -> Worker:
        guest = self._workers.add(GUEST)
        guest.start()
        self._wait_ready(guest)
        self.done.counts["join"] += 1
        return guest

    def _leave(self) -> Worker:
        guest = self._workers[GUEST]
        self._wait_ready(guest)  # it may have been killed a moment ago
        guest.terminate()
        guest.wait_gone()
        self.done.counts["leave"] += 1
        return guest

    def _wait_ready(self, worker: Worker) -> None:
        def ready() -> bool:
            self._workers.look()
            return worker.ready

        wait_for(f"{worker.name} is ready", ready, 120)
