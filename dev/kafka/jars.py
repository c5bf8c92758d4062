"""Kafka's jars: fetched once with Maven, kept in .cache/kafka, whole or not at all."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dev.kafka.missing import Missing

POM = Path(__file__).with_name("pom.xml")
CHECKOUT = POM.parents[2]


def cache_folder() -> Path:
    """Return the folder for what was fetched: $ORDERLANE_CACHE, else .cache in the checkout."""
    return Path(os.environ.get("ORDERLANE_CACHE", CHECKOUT / ".cache")).absolute() / "kafka"


def libs() -> Path:
    """Return the folder of the jars, fetched now if they are not those of pom.xml. Raises Missing."""
    folder = cache_folder() / "libs"
    if not _current(folder):
        with _only_one_process(cache_folder()):
            if not _current(folder):
                _fetch(folder)
    return folder


def _current(folder: Path) -> bool:
    mark = folder / "pom.xml"
    return mark.exists() and mark.read_bytes() == POM.read_bytes()


def _fetch(folder: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise Missing(
            "Kafka is fetched by Maven, and there is no mvn on the path: install it (apt install maven)"
        )
    print("Fetching Apache Kafka with Maven: 54 MB, once", file=sys.stderr, flush=True)
    incoming = folder.with_name("libs.incoming")
    shutil.rmtree(incoming, ignore_errors=True)
    fetched = subprocess.run(
        [maven, "-q", "-B", "-f", POM, "dependency:copy-dependencies", f"-DoutputDirectory={incoming}"],
        capture_output=True,
        text=True,
        check=False,
    )
    if fetched.returncode:
        said = next((line for line in fetched.stdout.splitlines() if "ERROR" in line), "no reason given")
        raise Missing(f"Maven could not fetch Kafka (is the network up?): {said.removeprefix('[ERROR] ')}")
    shutil.copy(POM, incoming / "pom.xml")
    shutil.rmtree(folder, ignore_errors=True)
    incoming.rename(folder)


@contextmanager
def _only_one_process(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
