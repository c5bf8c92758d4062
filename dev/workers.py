"""The workers of `make run`: the Procfile under honcho, in a process of its own, each with a log file.

`python -m dev.workers COUNT PORT FOLDER` runs COUNT workers on PORT, PORT + 1, ... and logs to FOLDER;
SIGTERM stops them. honcho stops all of them when one of them ends.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol, Self

import honcho.manager
from honcho.environ import expand_processes, parse_procfile

from dev.leash import Leash

STOP_SECONDS = (
    20  # a worker ends its transaction (at most TRANSACTION_DEADLINE, 10 s) and closes its databases
)

ERROR = re.compile(r"orderlane: |[\w.]+(Error|Exception|Exit): ")


class Line(Protocol):
    """What honcho passes to a printer."""

    name: str
    data: bytes | str


class LogFiles:
    """A printer for honcho: `worker.1` goes to worker-1.log, honcho's own words to honcho.log."""

    width = 0

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, IO[bytes]] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, line: Line) -> None:
        name = "honcho" if line.name == "system" else line.name.replace(".", "-")
        if name not in self._files:
            self._files[name] = (self._folder / f"{name}.log").open("ab", buffering=0)
        self._files[name].write(line.data.encode() if isinstance(line.data, str) else line.data)


class Workers:
    """`with Workers(2, 6066, logs, env) as workers`: running, and stopped in order at the end."""

    def __init__(self, count: int, port: int, logs: Path, environment: dict[str, str]) -> None:
        self.logs = logs
        self._process = subprocess.Popen(
            [sys.executable, "-m", "dev.workers", str(count), str(port), str(logs)],
            env=environment,
            start_new_session=True,  # Ctrl-C is for `make run`, which stops the workers before Kafka
        )
        self._leash = Leash(self._process.pid)

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def last_error(self) -> str:
        """Return the last line in a log that names an error, and where it is."""
        for log in sorted(self.logs.glob("worker-*.log")):
            for line in reversed(log.read_text(errors="replace").splitlines()):
                if ERROR.match(line):
                    return f"{line} ({log})"
        return f"see {self.logs}/*.log"

    def wait(self) -> None:
        """Wait until one of them has ended, and honcho with it."""
        self._process.wait()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(STOP_SECONDS + 10)
        self._leash.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def main(count: int, port: int, logs: Path) -> None:
    processes = parse_procfile(Path("Procfile").read_text()).processes
    manager: Any = honcho.manager.Manager(LogFiles(logs))
    honcho.manager.KILL_WAIT = STOP_SECONDS
    # The house account, which needs no agent, is the only provider of `make run`.
    for each in expand_processes(processes, concurrency={"worker": count, "effects": 0}, port=port):
        manager.add_process(each.name, each.cmd, env={**os.environ, **each.env})
    manager.loop()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
