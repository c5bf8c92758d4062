"""What every test may ask for: the real broker, and a name of its own on it."""

import uuid
from collections.abc import Iterator

import pytest

from dev.kafka import Node


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of one Kafka node that all tests of the session share: host:port."""
    with Node(tmp_path_factory.mktemp("kafka")) as node:
        yield node.bootstrap


@pytest.fixture
def prefix() -> str:
    """Return a name that no other test uses: put it before topics, groups and application ids."""
    return f"t-{uuid.uuid4().hex[:10]}"
