"""A system of its own for the replays: a broker and two workers. Nothing lies in it but what was replayed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from app.lane.partition import partition_of
from dev.kafka import Node
from tests.running import Workers

if TYPE_CHECKING:
    from collections.abc import Iterator

WORKERS = ("w1", "w2")


@dataclass(frozen=True)
class System:
    """Where a running system is."""

    bootstrap: str
    environment: dict[str, str]
    owners: dict[int, str]  # URL of the worker of each partition, when all were ready

    def url_for(self, key: str) -> str:
        """Return the worker that answers for a key itself. Any other would forward."""
        return self.owners[partition_of(key.encode(), len(self.owners))]


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Start a broker and workers on it, ready; stop them at the end."""
    folder = tmp_path_factory.mktemp("replay")
    with Node(folder / "kafka", memory_mb=192) as node, Workers(node.bootstrap, folder) as workers:
        workers.start(*WORKERS)
        workers.wait_ready(*WORKERS)
        owners = {part: workers[name].url for name in WORKERS for part in workers[name].partitions()}
        yield System(node.bootstrap, {**os.environ, "KAFKA_URL": node.bootstrap}, owners)
        workers.stop()
