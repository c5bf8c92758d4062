"""`make run`: a Kafka, two workers and real orders, until Ctrl-C. A second run goes on with the first's data.

KAFKA_URL=host:port uses a Kafka of yours. Everything is kept in .run; `make clean-data` forgets it.
"""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from app.settings import load
from dev.kafka import Missing, Node
from dev.kafka.ports import is_free
from dev.run_data import FOLDER, only_user
from dev.workers import Workers

WORKERS = 2
KAFKA_PORT = 9092
READY_SECONDS = 300  # recovery of what earlier runs stored included
HERE = FOLDER.relative_to(Path.cwd()) if FOLDER.is_relative_to(Path.cwd()) else FOLDER


def main() -> int:
    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)
    load()  # a wrong setting ends here, before anything has started
    try:
        with only_user(), _kafka() as (kafka, tables):
            _run(kafka, tables)
    except KeyboardInterrupt:
        print("Stopped. `make run` goes on with the data, `make clean-data` forgets it.")
        return 0
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


def _run(kafka: str, tables: Path) -> None:
    environment = {
        **os.environ,
        "KAFKA_URL": kafka,
        "DATA_ROOT": str(tables),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    tables.mkdir(exist_ok=True)
    _app(environment, "topics", "create")
    port = _free_ports(load().web_port)
    with Workers(WORKERS, port, HERE / "logs", environment) as workers:
        urls = [f"http://127.0.0.1:{port + number}" for number in range(WORKERS)]
        _wait_until_ready(workers, urls)
        _app(environment, "replay", "northwind", "dev/data/northwind")
        print(_what_to_try(urls), flush=True)
        workers.wait()
    raise Missing(f"A worker ended by itself, and the other was stopped: {workers.last_error()}")


def _stop(_: int, __: FrameType | None) -> NoReturn:
    """End once and in order, however often Ctrl-C is pressed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("\nStopping the workers, then Kafka", flush=True)
    raise KeyboardInterrupt


@contextmanager
def _kafka() -> Iterator[tuple[str, Path]]:
    """Yield the address of Kafka and the folder for the tables that belong to it."""
    given = os.environ.get("KAFKA_URL")
    if given:
        print(f"Kafka    yours, at {given}", flush=True)
        yield given, HERE / f"data-at-{re.sub('[^0-9A-Za-z.]+', '-', given)}"
        return
    port = KAFKA_PORT if is_free(KAFKA_PORT) else None
    with Node(FOLDER / "kafka", memory_mb=256, port=port, quick=False) as node:
        taken = "" if port else f", since port {KAFKA_PORT} is taken"
        print(f"Kafka    {node.bootstrap}{taken}; its data is in {HERE}/kafka", flush=True)
        yield node.bootstrap, HERE / "data"


def _app(environment: dict[str, str], *arguments: str) -> None:
    """Run a command of the application in this terminal. Raises Missing when it fails; it says why."""
    ended = subprocess.run([sys.executable, "-m", "app", *arguments], env=environment, check=False)
    if ended.returncode:
        raise Missing(f"`python -m app {' '.join(arguments)}` failed: see above")


def _free_ports(first: int) -> int:
    """Return the next port from which on there is one for each worker: honcho counts up from it."""
    for port in range(first, first + 100):
        if all(is_free(port + number) for number in range(WORKERS)):
            return port
    raise Missing(f"ports {first} to {first + 100} are taken: set WEB_PORT to the first of two free ones")


def _wait_until_ready(workers: Workers, urls: list[str]) -> None:
    started = time.monotonic()
    waiting = set(urls)
    while waiting:
        seconds = time.monotonic() - started
        if not workers.running:
            raise Missing(f"The workers did not start: {workers.last_error()}")
        if seconds > READY_SECONDS:
            raise Missing(
                f"No /readyz at {', '.join(sorted(waiting))} in {seconds:.0f} s: see {workers.logs}/"
            )
        if sys.stdout.isatty():
            print(
                f"\rWorkers  {WORKERS - len(waiting)} of {WORKERS} ready, {seconds:.0f} s", end="", flush=True
            )
        time.sleep(0.2)
        waiting = {url for url in waiting if not _ready(url)}
    start = "\r" if sys.stdout.isatty() else ""
    names = ", ".join(f"worker-{number} {url}" for number, url in enumerate(urls, 1))
    print(f"{start}Workers  {names}; their logs are in {workers.logs}", flush=True)


def _ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:  # noqa: S310 - http, and our own
            return bool(answer.status == 200)  # noqa: PLR2004 - OK
    except (urllib.error.URLError, OSError):
        return False


def _what_to_try(urls: list[str]) -> str:
    first, other = urls[0], urls[-1]
    return f"""
Any worker answers anything. Try:
  curl {first}/orders/northwind-10248
  curl {other}/orders/northwind-10248/events
  curl {other}/stock/11/northwind
  curl {first}/orders/northwind-11071/reservations
  curl '{first}/customers/VINET/orders?limit=5'
Ctrl-C stops everything."""


if __name__ == "__main__":
    sys.exit(main())
