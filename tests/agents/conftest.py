"""A system for each test: at its end nothing has failed, and every event can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.agents.system import System

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    made = System(tmp_path)
    yield made
    made.close()
    assert not made.failed
