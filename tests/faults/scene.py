"""A run from its first worker to its history: workers, a loader, readers that read along, and the end."""

from __future__ import annotations

import contextlib
import json
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from app.cli.audit.command import audited
from app.lane.plan import Plan
from app.main import AGENTS, lane_config
from app.settings import Settings
from app.topics import DEAD_LETTERS
from tests.faults import recorder
from tests.faults.background import Background
from tests.faults.checkers import audits
from tests.faults.endings import endings
from tests.faults.history import ALL_EVENTS, DEAD, EVENTS, OUTCOMES
from tests.faults.loader import Loader
from tests.faults.workers import Overdue, Site, Workers, wait_for
from tests.faults.workload import Workload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from app.cli.audit.auditing import Result
    from tests.faults.history import History, Offsets, Seen
    from tests.faults.verdict import Verdict
    from tests.faults.workload import Message

TOPICS = (*ALL_EVENTS, *ALL_EVENTS.values(), OUTCOMES, DEAD)
SETTLED = 0.5  # seconds for which nothing happens when it is quiet
TIMERS = 3.5  # seconds within which the workload's orders expire that nobody paid
ROUNDS = 6  # of ending what is left


class Scene:
    """`with Scene(...) as scene:` has commands flowing through ready workers; `end` gives the history."""

    def __init__(
        self,
        site: Site,
        names: Sequence[str],
        workload: Iterator[Message],
        *,
        rate: float,
        arguments: Sequence[str] = (),
    ) -> None:
        self.site = site
        self.workers = Workers(site, names, arguments)
        self.background = Background()
        self.loader = Loader(site.bootstrap, site.partitions, workload, rate)
        self.plan = plan_of(site)
        self.events = recorder.Tail(site.bootstrap, EVENTS, site.partitions, self._tell(workload))
        self.outcomes = recorder.Tail(site.bootstrap, OUTCOMES, site.partitions)
        self.notes: list[str] = []
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.enter_context(self.background)
            opening.enter_context(self.workers)
            self.workers.wait_ready()
            for part in (self.events, self.outcomes, self.loader):
                self.background.call(part.start)
            self._open = opening.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def end(self, drain: float = 90) -> History:
        """Stop the load, let the workers finish it and leave, and read what is left."""
        self.background.run(self.loader.finish())
        self.quiet(drain)
        return self.leave()

    def end_all(self, drain: float = 90) -> tuple[History, list[Verdict]]:
        """As `end`, but see that all orders come to their ends. Audits before and after that."""
        self.background.run(self.loader.finish())
        self.quiet(drain, TIMERS)
        verdicts = [audits.nothing_differs("with orders under way", self.audit())]
        rounds = 0
        while (rest := list(endings(self.events.seen))) and rounds < ROUNDS:
            self.background.run(self.loader.send_all(rest))
            self.quiet(drain)
            rounds += 1
        history = self.leave()
        last = self.audit()
        return history, [*verdicts, audits.nothing_differs("at the end", last), audits.nothing_is_left(last)]

    def quiet(self, drain: float, timers: float = 0.0) -> None:
        """Wait until everything that was asked for is done; with `timers`, what is due within so many seconds, too."""
        with self._noting():
            wait_for("the group has no lag", self._is_quiet, drain)
            if timers:
                time.sleep(timers)
                wait_for("the group has no lag", self._is_quiet, drain)
            self.workers.wait_ready()

    def leave(self) -> History:
        """Let the workers leave, and read everything."""
        time.sleep(2)  # for the standbys: nothing tells from outside how far they have come
        self.workers.leave()
        for tail in (self.events, self.outcomes):
            self.background.run(tail.stop())
        return self.background.run(
            recorder.record(
                self.site.bootstrap,
                self.plan,
                app_id=self.site.app_id,
                partitions=self.site.partitions,
                topics=TOPICS,
                workers={name: worker.data for name, worker in self.workers.all.items()},
                acks=self.loader.acks,
                live={EVENTS: self.events.seen, OUTCOMES: self.outcomes.seen},
            )
        )

    def audit(self) -> Result:
        """Let the product's own audit look at everything. Nobody sends anything."""
        return self.background.run(audited(settings_of(self.site), quiet=True))

    def _tell(self, workload: Iterator[Message]) -> Callable[[Seen], None] | None:
        if not isinstance(workload, Workload):
            return None

        def tell(seen: Seen) -> None:
            body = json.loads(seen.value or b"")
            workload.tell(body["subject"], body["type"])

        return tell

    def _is_quiet(self) -> bool:
        """Whether the group is at all ends, and they stay where they are: what is done may ask for more."""
        self.workers.look()
        ends = self._ends()
        if ends is None:
            return False
        time.sleep(SETTLED)
        again: Offsets | None = self._ends()
        return again == ends

    def _ends(self) -> Offsets | None:
        site = self.site
        return self.background.run(
            recorder.ends_if_caught_up(site.bootstrap, site.app_id, self.plan.agents, site.partitions)
        )

    @contextlib.contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            yield
        except Overdue as overdue:
            self.notes.append(str(overdue))


def settings_of(site: Site) -> Settings:
    return Settings(kafka_url=site.bootstrap, app_id=site.app_id, partitions=site.partitions)


def plan_of(site: Site) -> Plan:
    """Return what the workers of a site read and write."""
    return Plan(lane_config(settings_of(site)), AGENTS, DEAD_LETTERS)
