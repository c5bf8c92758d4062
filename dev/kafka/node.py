"""One broker, which is its own controller: what `make run` and most tests use."""

from pathlib import Path
from types import TracebackType
from typing import Self

from dev.kafka.ports import free_ports
from dev.kafka.properties import Place
from dev.kafka.server import Server


class Node:
    """`with Node(folder) as node: node.bootstrap`. A second one on the same folder goes on with its data."""

    def __init__(
        self, folder: Path, *, memory_mb: int = 128, port: int | None = None, quick: bool = True
    ) -> None:
        """`memory_mb` is Java's heap; the process takes about 40 MB more. `port`: any free one by default."""
        own, controller = free_ports(2)
        place = Place(1, port or own, controller, folder.absolute())
        self.bootstrap = f"127.0.0.1:{place.port}"
        self.server = Server(place, [place], memory_mb=memory_mb, quick=quick)

    def start(self) -> None:
        self.server.start()
        self.server.wait_up()

    def stop(self) -> None:
        self.server.stop()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
