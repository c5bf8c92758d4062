"""Real workers, as processes: started, waited for, killed, frozen. Nothing of them is left behind.

    with Workers(broker, tmp_path) as workers:
        workers.start("w1", "w2")
        workers.wait_ready("w1", "w2")
        workers["w1"].kill()

A wait that fails says what it waited for and shows the end of the worker's log.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from dev.kafka.ports import free_ports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ROOT = Path(__file__).parent.parent
TAIL = 40  # lines of a log that a failure shows
SOON = 0.05  # seconds between two looks


def free_port() -> int:
    """Return a port that nothing listens on now, and from which no outgoing connection will start."""
    return free_ports(1)[0]


def wait_until(what: str, happened: Callable[[], bool], seconds: float = 60.0) -> None:
    """Return when it has happened. Raises AssertionError that says what was waited for."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        time.sleep(SOON)


def get_json(url: str, seconds: float = 20.0) -> tuple[int, Any]:
    """Return status and JSON of an answer; status 0 when there is none."""
    try:
        with urllib.request.urlopen(url, timeout=seconds) as answer:  # noqa: S310 - http, to a worker of ours
            return int(answer.status), json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)
    except OSError:
        return 0, None


class Worker:
    """One process of `python -m app worker`, which can be started again with the same id, port and data."""

    def __init__(
        self, name: str, folder: Path, environment: Mapping[str, str], command: Sequence[str]
    ) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self.data = folder / name
        self._command = (sys.executable, *command)
        self._environment = os.environ | {
            "WORKER_ID": name,
            "WEB_HOST": "127.0.0.1",
            "DATA_DIR": str(self.data),
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.url = ""
        self.move()
        self._environment |= environment

    def move(self) -> None:
        """Give it an address that nobody has, from its next start on."""
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._environment |= {"WEB_PORT": str(port), "WEB_URL": self.url}

    @property
    def pid(self) -> int:
        """Return its process id."""
        assert self.process is not None, f"{self.name} was never started"
        return self.process.pid

    @property
    def alive(self) -> bool:
        """Return whether its process runs (or is frozen)."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start the process; the log goes on where it was."""
        assert not self.alive, f"{self.name} runs already"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def is_ready(self) -> bool:
        """Return what its /readyz says. Raises AssertionError when the process is gone."""
        if not self.alive:
            raise AssertionError(f"{self.name} ended by itself\n{self.tail()}")
        return get_json(f"{self.url}/readyz", seconds=2)[0] == 200  # asked again soon

    def partitions(self) -> list[int]:
        """Return the partitions that it says are its own (none when it gives no answer or is not ready)."""
        status, answer = get_json(f"{self.url}/readyz")
        return list(answer["active"]) if status == 200 else []

    def kill(self) -> None:
        """Kill it (-9), and wait until it is gone."""
        self._end(signal.SIGKILL, 60)

    def stop(self, seconds: float = 90.0) -> int:
        """Ask it to stop (SIGTERM) and return its exit code; killed when it does not."""
        return self._end(signal.SIGTERM, seconds)

    def freeze(self) -> None:
        """Stop it in its tracks (SIGSTOP)."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen one go on."""
        os.kill(self.pid, signal.SIGCONT)

    def tail(self) -> str:
        """Return the end of its log."""
        lines = self.log.read_text(errors="replace").splitlines()[-TAIL:] if self.log.exists() else []
        return "\n".join([f"--- end of {self.name}'s log, {self.log}", *lines])

    def _end(self, how: signal.Signals, seconds: float) -> int:
        assert self.process is not None, f"{self.name} was never started"
        if self.alive:
            self.process.send_signal(how)
            self.process.send_signal(signal.SIGCONT)  # a frozen one does not see SIGTERM
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
            raise AssertionError(f"{self.name} did not end within {seconds:g} s\n{self.tail()}") from None


class Workers:
    """The workers of one application on one broker. On leaving, all of them are killed."""

    def __init__(
        self,
        kafka_url: str,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        command: Sequence[str] = ("-m", "app", "worker"),
    ) -> None:
        self._folder = folder
        self._environment = {"KAFKA_URL": kafka_url, **(environment or {})}
        self._command = command
        self._workers: dict[str, Worker] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, wrong: BaseException | None, __: object) -> None:
        if wrong is not None:
            for worker in self._workers.values():
                wrong.add_note(worker.tail())
        for worker in self._workers.values():
            if worker.alive:
                worker.kill()

    def __getitem__(self, name: str) -> Worker:
        return self._workers[name]

    def __iter__(self) -> Iterator[Worker]:
        return iter(tuple(self._workers.values()))

    def start(self, *names: str, environment: Mapping[str, str] | None = None) -> None:
        """Start these, with more environment for those that are new. Does not wait."""
        for name in names:
            if name not in self._workers:
                more = {**self._environment, **(environment or {})}
                self._workers[name] = Worker(name, self._folder, more, self._command)
            self._workers[name].start()

    def wait_ready(self, *names: str, seconds: float = 120.0) -> None:
        """Wait until each of these (or all) says that it is ready."""
        for name in names or tuple(self._workers):
            worker = self._workers[name]
            try:
                wait_until(f"{name} ready at {worker.url}/readyz", worker.is_ready, seconds)
            except AssertionError as wrong:
                raise AssertionError(
                    f"{wrong}; {get_json(worker.url + '/readyz')}\n{worker.tail()}"
                ) from None

    def stop(self) -> None:
        """Ask all to stop and wait for it."""
        for worker in self._workers.values():
            if worker.alive and worker.process is not None:
                worker.process.terminate()
        for worker in self._workers.values():
            if worker.process is not None:
                worker.stop()
