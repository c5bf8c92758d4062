"""Targets side by side: both are seen whole, none fails unseen, and an interrupt ends all of them in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.running import ROOT, wait_until

if TYPE_CHECKING:
    from pathlib import Path

# The slow ones are like tests that are interrupted: they take a while to leave in order.
MAKEFILE = """
good:
	@echo good starts; sleep 0.2; echo good ends
bad:
	@echo bad was here; exit 3
slow:
	@trap 'sleep 0.3; echo slow leaves in order; exit 1' $(SIGNAL); touch started-$@ ; while :; do sleep 0.05; done
slower:
	@trap 'sleep 0.6; echo slower leaves in order; exit 1' $(SIGNAL); touch started-$@ ; while :; do sleep 0.05; done
"""


def side_by_side(folder: Path, *queues: str) -> subprocess.Popen[str]:
    (folder / "Makefile").write_text(MAKEFILE)
    return subprocess.Popen(
        [sys.executable, "-m", "dev.side_by_side", *queues],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MAKEFLAGS": "--no-print-directory"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


@pytest.mark.parametrize(
    ("aside", "shown", "code"),
    [("good good", "good", 0), ("bad good", "good", 1), ("good", "bad", 1), ("bad", "bad", 1)],
)
def test_it_fails_when_any_fails_and_says_which(tmp_path: Path, aside: str, shown: str, code: int) -> None:
    with side_by_side(tmp_path, aside, shown) as running:
        said, _ = running.communicate(timeout=60)
    assert running.returncode == code
    for queue in (aside, shown):
        assert (f"failed, see above: make {queue}\n" in said) == ("bad" in queue)


def test_what_runs_aside_is_shown_in_one_piece_and_goes_on_after_a_failure(tmp_path: Path) -> None:
    with side_by_side(tmp_path, "bad good", "good") as running:
        said, _ = running.communicate(timeout=60)
    assert said.count("good ends\n") == 2
    assert "bad was here\n" in said
    assert "good starts\ngood ends\n" in said[said.index("bad was here") :]


@pytest.mark.parametrize("name", ["INT", "TERM"])
def test_an_interrupt_ends_all_of_them_in_order(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNAL", name)
    with side_by_side(tmp_path, "slow", "slower") as running:
        wait_until(
            "both run", lambda: all((tmp_path / f"started-{it}").exists() for it in ("slow", "slower"))
        )
        if name == "INT":
            os.killpg(running.pid, signal.SIGINT)  # as a terminal does
        else:
            running.terminate()
        said, _ = running.communicate(timeout=60)
    assert running.returncode == 128 + signal.Signals[f"SIG{name}"]
    assert "slower leaves in order\n" in said
    assert ("slow leaves in order\n" in said) == (name == "INT")
