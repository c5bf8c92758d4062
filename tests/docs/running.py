"""`make run`, started and watched as a person would."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self

from dev.kafka.ports import wait_until

CHECKOUT = Path(__file__).parents[2]
STARTED_SECONDS = 200  # Northwind is replayed in it, on a busy machine
MOVED_SECONDS = 60
LAST_LINE = "Ctrl-C stops everything."


class Run:
    """`with Run(folder) as run`: everything is up and Northwind is replayed. `kafka` as in KAFKA_URL."""

    def __init__(self, folder: Path, kafka: str = "") -> None:
        self.folder = folder
        self._lines: list[str] = []
        self._make = subprocess.Popen(
            ["make", "run", f"BIN={Path(sys.executable).parent}"],
            cwd=CHECKOUT,
            env={**os.environ, "ORDERLANE_RUN": str(folder), "KAFKA_URL": kafka},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # a terminal of its own: Ctrl-C goes to all of it
        )
        self._reader = threading.Thread(target=self._read)

    @property
    def output(self) -> str:
        return "".join(self._lines)

    @property
    def kafka(self) -> str:
        found = re.search(r"^Kafka .*?([\d.]+:\d+)", self.output, re.MULTILINE)
        assert found, self.output
        return found[1]

    @property
    def ports(self) -> list[int]:
        """The web ports of the workers."""
        return [int(port) for port in re.findall(r"worker-\d http://127\.0\.0\.1:(\d+)", self.output)]

    def get(self, path: str) -> str:
        """Return what the first worker answers; while a partition moves it asks again, as its 503 says to."""
        url = f"http://127.0.0.1:{self.ports[0]}{path}"
        deadline = time.monotonic() + MOVED_SECONDS
        while True:
            try:
                with urllib.request.urlopen(url, timeout=10) as answer:
                    return str(answer.read().decode())
            except urllib.error.HTTPError as refused:
                with refused:
                    if refused.code != HTTPStatus.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
                        raise
                time.sleep(0.2)

    def press_ctrl_c(self) -> None:
        if self._make.poll() is None:
            os.killpg(self._make.pid, signal.SIGINT)
        self._make.wait(60)
        self._reader.join()

    def _read(self) -> None:
        assert self._make.stdout is not None
        with self._make.stdout as output:
            self._lines.extend(iter(output.readline, ""))

    def __enter__(self) -> Self:
        self._reader.start()
        wait_until(lambda: self._make.poll() is not None or LAST_LINE in self.output, STARTED_SECONDS)
        if self._make.poll() is not None or LAST_LINE not in self.output:
            self.press_ctrl_c()
            raise AssertionError(f"`make run` did not come to its last line:\n{self.output}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.press_ctrl_c()
