"""The worker processes of a run: started, killed, stopped, and found dead. Synchronous, for the nemesis."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from dev.kafka.ports import free_ports

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).parents[2]
POLL = 0.02


class Overdue(Exception):  # noqa: N818 - a deadline that passed is a finding, named as one
    """What was waited for did not come. The message says what."""


def wait_for(what: str, condition: Callable[[], bool], seconds: float) -> None:
    """Wait for a condition. Raises Overdue."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Overdue(f"{what}: not within {seconds:.0f} s")
        time.sleep(POLL)


@dataclass(frozen=True)
class Site:
    """Where the workers of a run live."""

    folder: Path
    bootstrap: str
    app_id: str = "orderlane"
    partitions: int = 8
    settings: Mapping[str, str] = field(default_factory=dict)  # further environment variables

    @property
    def journal(self) -> Path:
        """The file in which a worker writes what it is about to do to itself."""
        return self.folder / "faults.jsonl"

    def died_at(self) -> list[dict[str, Any]]:
        """Return what the workers did to themselves: time, pid, worker, point, signal."""
        if not self.journal.exists():
            return []
        return [json.loads(line) for line in self.journal.read_text().splitlines()]


class Worker:
    """One worker, which keeps its name, its port and its data from one process to the next."""

    def __init__(self, site: Site, name: str, arguments: Sequence[str] = ()) -> None:
        self.site, self.name, self.arguments = site, name, tuple(arguments)
        (self.port,) = free_ports(1)
        self.data = site.folder / name
        self.log = site.folder / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.expected = False  # that it is not running
        self.exits: list[str] = []  # by itself, unasked
        self.data.mkdir(parents=True, exist_ok=True)

    @property
    def trap(self) -> Path:
        return self.site.folder / f"{self.name}.trap"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.faults.worker", "--trap", str(self.trap)]
        command += ["--journal", str(self.site.journal), *self.arguments]
        with self.log.open("ab") as log:
            log.write(f"==== start {time.time():.3f}\n".encode())
            log.flush()
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self._environment(), stdout=log, stderr=log
            )
        self.expected = False

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "KAFKA_URL": self.site.bootstrap,
            "APP_ID": self.site.app_id,
            "PARTITIONS": str(self.site.partitions),
            "WORKER_ID": self.name,
            "DATA_DIR": str(self.data),
            "WEB_PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
            **self.site.settings,
        }

    def set_trap(self, point: str, act: str = "kill") -> None:
        """Let the process kill (or stop) itself the next time it comes to the point."""
        beside = self.trap.with_suffix(".setting")
        beside.write_text(f"{act} {point}")
        beside.rename(self.trap)

    def disarm(self) -> bool:
        """Take the trap away; False when somebody has stepped into it already."""
        try:
            self.trap.unlink()
        except FileNotFoundError:
            return False
        return True

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def stopped(self) -> bool:
        """Whether the process hangs in a SIGSTOP."""
        try:
            state = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return False
        return state == "T"

    @property
    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                return int(answer.status) == 200
        except (urllib.error.URLError, OSError):
            return False

    @property
    def generation(self) -> int | None:
        """The generation that it works in; None while nobody knows."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                return _generation(answer.read())
        except urllib.error.HTTPError as not_ready:
            return _generation(not_ready.read())
        except (urllib.error.URLError, OSError):
            return None

    def kill(self) -> None:
        self.expected = True
        if self.running:
            self._signal(signal.SIGKILL)
        assert self.process is not None
        self.process.wait()

    def stop(self) -> None:
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def terminate(self) -> None:
        """Ask it to leave in order, and return at once."""
        self.expected = True
        if self.running:
            self._signal(signal.SIGTERM)

    def wait_gone(self, seconds: float = 30) -> int:
        """Wait until it has left; returns its exit code. One that hangs is killed, and counts as an exit."""
        assert self.process is not None
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.exits.append(f"{self.name} hung for {seconds:.0f} s after SIGTERM")
            self.process.kill()
            return self.process.wait()

    def wait_dead(self, what: str, seconds: float) -> None:
        """Wait until it has killed itself."""
        wait_for(f"{self.name} dies {what}", lambda: not self.running, seconds)
        self.expected = True

    def look(self) -> bool:
        """Note when it has left by itself, and start it again. True when that was so."""
        if self.process is None or self.expected or self.running:
            return False
        self.exits.append(f"{self.name} exited by itself with {self.process.returncode} at {time.time():.1f}")
        self.start()
        return True

    def _signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)


def _generation(body: bytes) -> int | None:
    status = json.loads(body)
    found = status.get("worker", status).get("generation")
    return None if found is None else int(found)


class Workers:
    """Those of a run, by name; `with` ends them all, however the run ends."""

    def __init__(self, site: Site, names: Sequence[str], arguments: Sequence[str] = ()) -> None:
        self.site = site
        self._arguments = tuple(arguments)
        self.all = {name: Worker(site, name, arguments) for name in names}

    def __getitem__(self, name: str) -> Worker:
        return self.all[name]

    def add(self, name: str) -> Worker:
        return self.all.setdefault(name, Worker(self.site, name, self._arguments))

    def look(self) -> None:
        for worker in self.all.values():
            worker.look()

    def wait_ready(self, seconds: float = 90) -> None:
        """Wait until every worker that should run is ready. One that leaves by itself is started again."""
        for worker in self.all.values():
            if worker.process is not None and not worker.expected:
                wait_for(f"{worker.name} is ready", lambda worker=worker: self._ready(worker), seconds)  # type: ignore[misc]

    def _ready(self, worker: Worker) -> bool:
        self.look()
        return worker.ready

    def leave(self) -> None:
        """Let all of them stop in order, at the same time."""
        for worker in self.all.values():
            worker.terminate()
        for worker in self.all.values():
            if worker.process is not None:
                worker.wait_gone()

    @property
    def exits(self) -> list[str]:
        """What workers did unasked: exits, and stops that hung."""
        return [line for worker in self.all.values() for line in worker.exits]

    def __enter__(self) -> Self:
        for worker in self.all.values():
            worker.start()
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.all.values():
            if worker.process is not None:
                worker.kill()
