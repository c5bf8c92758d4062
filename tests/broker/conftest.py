"""A broker for the tests of this folder, a worker of ours on it, and depots: workers of another application."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dev.kafka import Node
from tests.broker.depots import Depots
from tests.running import Workers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LARGEST = 600_000  # bytes of a record that a cycle writes


@pytest.fixture(scope="package")
def kafka_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a node of our own: the topics of the product have fixed names."""
    with Node(tmp_path_factory.mktemp("broker")) as node:
        yield node.bootstrap


@pytest.fixture(scope="package")
def shop(kafka_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    """One worker of the product, `w1`, ready."""
    folder = tmp_path_factory.mktemp("shop")
    with Workers(kafka_url, folder, {"MAX_RECORD_BYTES": str(LARGEST)}) as workers:
        workers.start("w1")
        workers.wait_ready("w1")
        yield workers


@pytest.fixture
def depots(kafka_url: str, tmp_path: Path, prefix: str) -> Iterator[Depots]:
    """Workers of the depot application, with topics of their own; none is started."""
    with Workers(
        kafka_url, tmp_path, {"DEPOT_PREFIX": f"{prefix}-"}, ("-m", "tests.broker.depot_worker")
    ) as workers:
        yield Depots(kafka_url, f"{prefix}-", tmp_path, workers)
