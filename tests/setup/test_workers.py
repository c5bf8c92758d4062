"""The workers of `make run`: names and ports from the Procfile, a log each, stopped in order."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dev.kafka.ports import wait_until
from dev.workers import Workers

WORKER = """#!/bin/sh
echo "$WORKER_ID on $WEB_PORT in $DATA_DIR, pid $$"
trap 'echo stopped; exit 0' TERM
while :; do sleep 0.1; done
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return an environment whose `python` is a worker that tells its settings and waits for SIGTERM."""
    (tmp_path / "bin").mkdir()
    python = tmp_path / "bin" / "python"
    python.write_text(WORKER)
    python.chmod(0o755)
    return {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "DATA_ROOT": "/tables"}


def test_each_has_a_stable_name_the_next_port_and_a_log(tmp_path: Path, environment: dict[str, str]) -> None:
    with Workers(2, 7001, tmp_path / "logs", environment):
        assert wait_until(_said(tmp_path, "worker-1", "worker-1 on 7001 in /tables/worker-1"), 60)
        assert wait_until(_said(tmp_path, "worker-2", "worker-2 on 7002 in /tables/worker-2"), 60)
    for worker in ("worker-1", "worker-2"):
        assert (tmp_path / "logs" / f"{worker}.log").read_text().endswith("stopped\n")


def test_the_end_of_one_is_the_end_of_all(tmp_path: Path, environment: dict[str, str]) -> None:
    with Workers(2, 7001, tmp_path / "logs", environment) as workers:
        assert wait_until(_said(tmp_path, "worker-1", "pid"), 60)
        assert wait_until(_said(tmp_path, "worker-2", "pid"), 60)
        os.kill(_pid(tmp_path, "worker-1"), 9)
        workers.wait()
        assert _said(tmp_path, "worker-2", "stopped")()


def test_they_end_when_the_program_that_runs_them_is_killed(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    script = (
        "import os, sys, time; from pathlib import Path; from dev.workers import Workers; "
        "workers = Workers(1, 7001, Path(sys.argv[1]), dict(os.environ)); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "logs")], env=environment) as program:
        assert wait_until(_said(tmp_path, "worker-1", "pid"), 60)
        program.kill()
    assert wait_until(_said(tmp_path, "worker-1", "stopped"), 60)


def _said(folder: Path, worker: str, words: str) -> Callable[[], bool]:
    log = folder / "logs" / f"{worker}.log"
    return lambda: log.exists() and words in log.read_text()


def _pid(folder: Path, worker: str) -> int:
    return int((folder / "logs" / f"{worker}.log").read_text().split()[-1])
