"""An engine that is wrong in one way is caught: without these, a clean report would prove little."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dev.kafka import Node
from tests.faults.duels import Danger, death_at, fight, zombie_before_send

if TYPE_CHECKING:
    from pathlib import Path

DUELS: dict[str, tuple[Danger, str]] = {
    "store-before-commit": (death_at("stored-not-committed"), "hold what is committed"),
    "no-fence": (zombie_before_send, "each event is there once"),
    "offset-one-off": (death_at("stored"), "each command has one outcome"),
}


@pytest.mark.parametrize(
    ("mutant", "danger", "seen_by"), [(name, *duel) for name, duel in DUELS.items()], ids=DUELS
)
def test_a_mutant_is_caught(mutant: str, danger: Danger, seen_by: str, tmp_path: Path) -> None:
    with Node(tmp_path / "kafka") as node:
        report = fight(tmp_path, node.bootstrap, danger, mutant=mutant)
    caught = [verdict for verdict in report.verdicts if not verdict.clean]
    assert any(seen_by in verdict.check for verdict in caught), report.table()
