"""The engine extends exact versions of its libraries: it fails here, not in production, when a part of them changes."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.lane import pins

PINNED: dict[str, str] = json.loads(pins.FILE.read_text())
PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
LIBRARIES = ("faust-streaming", "mode-streaming", "aiokafka", "rocksdict")


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_version_that_is_installed_is_the_one_that_is_pinned(library: str) -> None:
    assert f"{library}=={version(library)}" in PROJECT["dependencies"]


def test_what_the_engine_relies_on_upstream_is_as_it_was_when_it_was_read() -> None:
    installed = pins.now()
    changed = sorted(name for name, found in installed.items() if PINNED.get(name) != found)
    assert not changed, (
        f"changed upstream, or new: {', '.join(changed)}. Read the changes and what app/lane does there, "
        "then run `python -m tests.lane.pins`."
    )
    assert PINNED.keys() == installed.keys(), "a pin that nothing needs any more: `python -m tests.lane.pins`"


def test_every_private_name_that_the_engine_uses_is_in_a_source_that_is_pinned() -> None:
    known = set(re.findall(r"\b_\w+", "\n".join(pins.source(name) for name in PINNED)))
    unknown = {name: file for name, file in pins.private_names().items() if name not in known}
    assert not unknown, f"add what defines them to RELIED_ON of tests/lane/pins.py: {unknown}"


def test_every_override_is_found() -> None:
    assert {
        "aiokafka.producer.sender:Sender._find_coordinator",
        "aiokafka.producer.sender:TxnOffsetCommitHandler.handle_response",
        "faust.app.base:App._stop_consumer",
        "faust.tables.manager:TableManager.on_rebalance",
        "faust.transport.consumer:Consumer._drain_messages",
        "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread._create_worker_consumer",
    } <= pins.overridden()


def _before(self: Any) -> int:
    """Count."""
    # a comment

    return int(self.count)


def _after(self: Any) -> int:
    """Count."""
    return int(self.count) + 1


def test_a_changed_line_changes_a_pin_and_a_comment_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    here = f"{__name__}:_before"
    assert pins.source(here) == 'def _before(self: Any) -> int:\n    """Count."""\n    return int(self.count)'
    monkeypatch.setattr(pins, "RELIED_ON", (here,))
    before = pins.now()[here]
    monkeypatch.setitem(globals(), "_before", _after)
    assert pins.now()[here] != before
