"""A system of its own for the replays: a broker and two workers. Nothing lies in it but what was replayed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from dev.kafka import Node
from tests.running import Workers

if TYPE_CHECKING:
    from collections.abc import Iterator

WORKERS = ("w1", "w2")


@dataclass(frozen=True)
class System:
    """Where a running system is."""

    bootstrap: str
    urls: tuple[str, ...]
    environment: dict[str, str]


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Start a broker and workers on it, ready; stop them at the end."""
    folder = tmp_path_factory.mktemp("replay")
    with Node(folder / "kafka", memory_mb=192) as node, Workers(node.bootstrap, folder) as workers:
        workers.start(*WORKERS)
        workers.wait_ready(*WORKERS)
        yield System(
            node.bootstrap,
            tuple(workers[name].url for name in WORKERS),
            {**os.environ, "KAFKA_URL": node.bootstrap},
        )
        workers.stop()
