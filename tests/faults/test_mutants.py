"""An engine that is wrong in one way is caught: without these, a clean report would prove little.

The duels run side by side, each on a Kafka of its own: most of their time is spent waiting. One of them is with
the engine as it is: nobody else takes over from a worker that stood still within its session.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from dev.kafka import Node
from tests.faults.duels import (
    DIES_STORED,
    DIES_STORED_NOT_COMMITTED,
    HANGS_BEFORE_SEND,
    STANDS_STILL,
    Duel,
    fight,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.report import Report

DUELS: dict[str, tuple[Duel, str]] = {
    "store-before-commit": (DIES_STORED_NOT_COMMITTED, "hold what is committed"),
    "no-fence": (HANGS_BEFORE_SEND, "each event is there once"),
    "offset-one-off": (DIES_STORED, "each command has one outcome"),
}


def against(mutant: str | None, duel: Duel, folder: Path) -> Report:
    with Node(folder / "kafka") as node:
        return fight(folder, node.bootstrap, duel, mutant=mutant)


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Report]]]:
    with ThreadPoolExecutor(len(DUELS) + 1) as pool:
        running = {
            name: pool.submit(against, name, duel, tmp_path_factory.mktemp(name))
            for name, (duel, _) in DUELS.items()
        }
        running["none"] = pool.submit(against, None, STANDS_STILL, tmp_path_factory.mktemp("none"))
        yield running


@pytest.mark.parametrize(("mutant", "seen_by"), [(name, seen_by) for name, (_, seen_by) in DUELS.items()])
def test_a_mutant_is_caught(mutant: str, seen_by: str, reports: dict[str, Future[Report]]) -> None:
    report = reports[mutant].result()
    caught = [verdict for verdict in report.verdicts if not verdict.clean]
    assert any(seen_by in verdict.check for verdict in caught), report.table()


def test_a_worker_that_stood_still_goes_on_by_itself(reports: dict[str, Future[Report]]) -> None:
    """C37: it was fenced meanwhile, wrote nothing, and two owners never decided one command."""
    report = reports["none"].result()
    assert report.clean, report.table()
    assert report.exits == []
