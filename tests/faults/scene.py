"""A run from its first worker to its history: workers, a loader, readers that read along, and the end."""

from __future__ import annotations

import contextlib
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from tests.faults import recorder
from tests.faults.background import Background
from tests.faults.history import COMMANDS, DEAD, EVENTS, OUTCOMES
from tests.faults.loader import Loader
from tests.faults.workers import Overdue, Site, Workers, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.faults.history import History
    from tests.faults.workload import Message

TOPICS = (COMMANDS, EVENTS, OUTCOMES, DEAD)
SOURCES = (COMMANDS,)


def changelogs(app_id: str) -> dict[str, str]:
    """Return the topic that each table can be built from."""
    return {
        "orders": f"{app_id}-rows",
        "customer-orders": f"{app_id}-indexes",
        "journal": EVENTS,
        "outcomes": OUTCOMES,
    }


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
        self.events = recorder.Tail(site.bootstrap, EVENTS, site.partitions)
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
        with self._noting():
            wait_for("the group has no lag", self._drained, drain)
            self.workers.wait_ready()
        time.sleep(2)  # for the standbys: nothing tells from outside how far they have come
        self.workers.leave()
        for tail in (self.events, self.outcomes):
            self.background.run(tail.stop())
        return self.background.run(
            recorder.record(
                self.site.bootstrap,
                app_id=self.site.app_id,
                partitions=self.site.partitions,
                topics=TOPICS,
                changelogs=changelogs(self.site.app_id),
                workers={name: worker.data for name, worker in self.workers.all.items()},
                acks=self.loader.acks,
                live={EVENTS: self.events.seen, OUTCOMES: self.outcomes.seen},
            )
        )

    def _drained(self) -> bool:
        self.workers.look()
        site = self.site
        return self.background.run(recorder.lag(site.bootstrap, site.app_id, SOURCES, site.partitions)) == 0

    @contextlib.contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            yield
        except Overdue as overdue:
            self.notes.append(str(overdue))
