"""A trap snaps where it was set, once, and leaves a note."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.faults.trap import Trap

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    signals: list[int] = []
    monkeypatch.setattr(os, "kill", lambda _pid, number: signals.append(number))
    return signals


def test_it_snaps_at_its_point_and_only_once(tmp_path: Path, sent: list[int]) -> None:
    trap = Trap("w1", file=tmp_path / "trap", journal=tmp_path / "journal")
    (tmp_path / "trap").write_text("kill sent")
    trap.reach("stored")
    assert sent == []
    trap.reach("sent")
    trap.reach("sent")
    assert sent == [signal.SIGKILL]
    (entry,) = [json.loads(line) for line in (tmp_path / "journal").read_text().splitlines()]
    assert (entry["worker"], entry["act"], entry["point"], entry["pid"]) == (
        "w1",
        "kill",
        "sent",
        os.getpid(),
    )


def test_it_can_stop_the_process_instead(tmp_path: Path, sent: list[int]) -> None:
    (tmp_path / "trap").write_text("stop fenced")
    Trap("w1", file=tmp_path / "trap").reach("fenced")
    assert sent == [signal.SIGSTOP]


def test_chance_kills_at_one_point_about_as_often_as_it_says(sent: list[int]) -> None:
    trap = Trap("w1", point="sent", chance=0.1, seed=1)
    for _ in range(1000):
        trap.reach("sent")
        trap.reach("stored")
    assert 60 < len(sent) < 140


def test_an_empty_trap_does_nothing(sent: list[int]) -> None:
    Trap("w1").reach("sent")
    assert sent == []
    assert not Trap("w1").armed("sent")
