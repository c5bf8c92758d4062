"""One Kafka process: started, stopped, killed, frozen. It never outlives the program that started it."""

import fcntl
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import IO

from dev.kafka.jars import libs
from dev.kafka.java import java
from dev.kafka.missing import Missing
from dev.kafka.ports import brokers_known_at, is_free, wait_until
from dev.kafka.properties import CLUSTER_ID, Place, properties
from dev.leash import Leash

NEEDED_DISK = 2 * 2**30
FOLDER_WAIT = 25  # seconds: longer than a leash gives a broker whose program was killed a moment ago
PORT_WAIT = 5  # seconds: a node that was killed has left its port by then


class Server:
    """The process of one node. A second start in the same folder goes on with its data."""

    def __init__(self, place: Place, voters: list[Place], *, memory_mb: int, quick: bool) -> None:
        """`quick` starts faster and runs slower: for tests."""
        self.place = place
        self._properties = properties(place, voters)
        self._memory = [
            f"-Xmx{memory_mb}m",
            "-XX:+UseSerialGC",
            *(["-XX:TieredStopAtLevel=1"] if quick else []),
        ]
        self._process: subprocess.Popen[bytes] | None = None
        self._leash: Leash | None = None

    @property
    def log(self) -> Path:
        return self.place.folder / "kafka.log"

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError(f"node {self.place.number} was not started")
        return self._process.pid

    def start(self) -> None:
        """Start the process and return at once. Raises Missing for what this machine lacks."""
        jars, program = libs(), java()
        self.place.folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self.place.folder).free < NEEDED_DISK:
            raise Missing(
                f"less than 2 GB of disk are free at {self.place.folder}: make room, then try again"
            )
        with self._folder_lock() as lock:
            for port in (self.place.port, self.place.controller_port):
                if not wait_until(lambda port=port: is_free(port), PORT_WAIT):  # type: ignore[misc] # a bound default
                    raise Missing(f"port {port} is taken by another program: stop it, or choose another port")
            command = [program, *self._memory, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
            command += ["-cp", f"{jars}/*"]  # Java itself reads the star: no shell is to see it
            config = self.place.folder / "server.properties"
            config.write_text(self._properties)
            with self.log.open("ab") as log:
                if not (self.place.data / "meta.properties").exists():
                    self._format([*command, "kafka.tools.StorageTool"], config, log)
                # A session of its own: Ctrl-C at the terminal is for us, and we stop in order.
                self._process = subprocess.Popen(
                    [*command, "kafka.Kafka", config],
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    pass_fds=[lock.fileno()],  # the folder stays locked for as long as the broker lives
                )
        self._leash = Leash(self._process.pid)

    def wait_up(self, brokers: int = 1, seconds: float = 60) -> None:
        """Wait until the node is registered and knows that many brokers. Raises Missing if it fails."""
        own = self.place.port

        def settled() -> bool:
            known = brokers_known_at(own)
            return not self.running or (own in known and len(known) >= brokers)

        if not wait_until(settled, seconds) or not self.running:
            raise Missing(f"Kafka did not start in {seconds:.0f} s: {self._last_words()} (see {self.log})")

    def terminate(self) -> None:
        """Ask the node to leave in order, and return at once."""
        if self._process is not None and self.running:
            self._process.terminate()
            self.thaw()

    def wait_gone(self, seconds: float = 20) -> None:
        """Wait until the process has ended; kill it when it takes longer."""
        if self._process is None:
            return
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._leash is not None:
            self._leash.release()

    def stop(self, seconds: float = 20) -> None:
        self.terminate()
        self.wait_gone(seconds)

    def kill(self) -> None:
        """End the process without notice (kill -9)."""
        if self._process is not None and self.running:
            self._process.kill()
        self.wait_gone()

    def freeze(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def _folder_lock(self) -> IO[str]:
        lock = (self.place.folder / "lock").open("w")
        deadline = time.monotonic() + FOLDER_WAIT
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    lock.close()
                    raise Missing(f"another Kafka uses {self.place.folder}: stop it first") from None
                time.sleep(0.1)
            else:
                return lock

    def _format(self, tool: list[str], config: Path, log: IO[bytes]) -> None:
        done = subprocess.run(
            [*tool, "format", "--cluster-id", CLUSTER_ID, "--config", config],
            stdout=log,
            stderr=log,
            check=False,
        )
        if done.returncode:
            raise Missing(f"Kafka could not format {self.place.data}: {self._last_words()} (see {self.log})")

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        return next(
            (line for line in reversed(lines) if "Exception" in line), lines[-1] if lines else "no log"
        )
