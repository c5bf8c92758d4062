"""An engine that is wrong in one way is caught: without these, a clean report would prove little."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dev.kafka import Node
from tests.faults.duels import DIES_STORED, DIES_STORED_NOT_COMMITTED, HANGS_BEFORE_SEND, Duel, fight

if TYPE_CHECKING:
    from pathlib import Path

DUELS: dict[str, tuple[Duel, str]] = {
    "store-before-commit": (DIES_STORED_NOT_COMMITTED, "hold what is committed"),
    "no-fence": (HANGS_BEFORE_SEND, "each event is there once"),
    "offset-one-off": (DIES_STORED, "each command has one outcome"),
}


@pytest.mark.parametrize(
    ("mutant", "duel", "seen_by"), [(name, *duel) for name, duel in DUELS.items()], ids=DUELS
)
def test_a_mutant_is_caught(mutant: str, duel: Duel, seen_by: str, tmp_path: Path) -> None:
    with Node(tmp_path / "kafka") as node:
        report = fight(tmp_path, node.bootstrap, duel, mutant=mutant)
    caught = [verdict for verdict in report.verdicts if not verdict.clean]
    assert any(seen_by in verdict.check for verdict in caught), report.table()
