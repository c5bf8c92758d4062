"""The short form of `make chaos`: whole lives of orders, a death at every named point, and one long stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.chaos import Size, run
from tests.faults.nemesis import POINTS

if TYPE_CHECKING:
    from pathlib import Path

SHORT = Size(kills=len(POINTS), stops=1, joins=0, seed=20, rate=100, orders=100, pause=(0.2, 0.6))


@pytest.mark.timeout(900)  # a machine that does other things as well starts a worker in half a minute
def test_workers_that_die_at_every_point_change_nothing(tmp_path: Path) -> None:
    report = run(tmp_path, SHORT, "the short form")
    assert report.clean, report.table()
    assert report.exits == []
    assert {f"kill at {point}" for point in POINTS} <= report.faults.keys(), report.table()
    assert report.figures["kills"] >= len(POINTS)
    assert report.figures["stops"] == 1
    assert report.figures["of them with a whole life"] > 50
