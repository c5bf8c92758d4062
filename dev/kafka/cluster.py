"""Several brokers, to see what the loss of one does: replication 3, two in sync wherever there are three."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from dev.kafka.ports import free_ports
from dev.kafka.properties import Place
from dev.kafka.server import Server


class Cluster:
    """Nodes are numbered from 1. Each keeps its ports and its data from one start to the next."""

    def __init__(self, folder: Path, *, nodes: int = 3, memory_mb: int = 160) -> None:
        ports = free_ports(2 * nodes)
        places = [
            Place(number, ports[2 * number - 2], ports[2 * number - 1], folder.absolute() / f"node-{number}")
            for number in range(1, nodes + 1)
        ]
        self.bootstrap = ",".join(f"127.0.0.1:{place.port}" for place in places)
        self.servers = {
            place.number: Server(place, places, memory_mb=memory_mb, quick=True) for place in places
        }

    def start(self, number: int) -> None:
        """Start one node and return at once: `wait_up` waits for it."""
        self.servers[number].start()

    def wait_up(self, number: int, seconds: float = 60) -> None:
        """Wait until the node answers and is registered. It may know no other: they may be down."""
        self.servers[number].wait_up(seconds=seconds)

    def stop(self, number: int) -> None:
        """Stop one node in order (SIGTERM): it hands its partitions over first."""
        self.servers[number].stop()

    def kill(self, number: int) -> None:
        """End one node without notice (kill -9)."""
        self.servers[number].kill()

    def freeze(self, number: int) -> None:
        """Stop the node's clock (SIGSTOP): its connections stay open and nobody answers."""
        self.servers[number].freeze()

    def thaw(self, number: int) -> None:
        self.servers[number].thaw()

    def start_all(self) -> None:
        """Start every node and wait until each knows all of them."""
        with ThreadPoolExecutor() as side_by_side:  # each may format its folder first, which takes a second
            list(side_by_side.map(Server.start, self.servers.values()))
        for server in self.servers.values():
            server.wait_up(brokers=len(self.servers))

    def stop_all(self) -> None:
        """Stop every node at the same time: the last of them would wait for a quorum that is gone."""
        for server in self.servers.values():
            server.terminate()
        for server in self.servers.values():
            server.wait_gone(seconds=5)

    def __enter__(self) -> Self:
        try:
            self.start_all()
        except BaseException:
            self.stop_all()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_all()
