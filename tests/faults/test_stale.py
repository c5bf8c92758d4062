"""The danger of a thawed coordinator is real, and positions are not taken from it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from dev.kafka import Cluster
from tests.faults.stale import probe

if TYPE_CHECKING:
    from pathlib import Path


def test_a_thawed_coordinator_misleads_its_group_but_not_the_barrier_read(tmp_path: Path) -> None:
    with Cluster(tmp_path / "kafka") as cluster:
        says, read = asyncio.run(probe(cluster, tmp_path))
    assert says == 1, "the danger that this is about did not come up"
    assert read == 2
