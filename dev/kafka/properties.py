"""The broker's settings: small in memory, quick to start and to notice a death."""

from pathlib import Path
from typing import NamedTuple

CLUSTER_ID = "b3JkZXJsYW5lLWRldi0wMQ"  # any 16 bytes in base64: fixed, so that a folder is formatted once


class Place(NamedTuple):
    """Where one node lives: its number, its two ports and its folder."""

    number: int
    port: int
    controller_port: int
    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"


def properties(place: Place, voters: list[Place]) -> str:
    """Return server.properties for one of the voters, each of which is broker and controller."""
    replicas = min(3, len(voters))
    in_sync = 2 if replicas > 2 else 1  # noqa: PLR2004 - two of three: one may be away
    settings = {
        "process.roles": "broker,controller",
        "node.id": place.number,
        "controller.quorum.voters": ",".join(f"{v.number}@127.0.0.1:{v.controller_port}" for v in voters),
        "listeners": f"PLAINTEXT://127.0.0.1:{place.port},CONTROLLER://127.0.0.1:{place.controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{place.port}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "log.dirs": place.data,
        "auto.create.topics.enable": "false",
        "default.replication.factor": replicas,
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": replicas,
        "offsets.topic.num.partitions": 8,
        "transaction.state.log.replication.factor": replicas,
        "transaction.state.log.min.isr": in_sync,
        "transaction.state.log.num.partitions": 8,
        "share.coordinator.state.topic.replication.factor": replicas,
        "share.coordinator.state.topic.min.isr": in_sync,
        # A worker that was killed leaves a transaction open: how soon its timeout is noticed (default 10 s).
        "transaction.abort.timed.out.transaction.cleanup.interval.ms": 1000,
        # Members join at once instead of waiting for others that might come.
        "group.initial.rebalance.delay.ms": 0,
        # A dead broker is noticed in 3 s instead of 9.
        "broker.session.timeout.ms": 3000,
        "broker.heartbeat.interval.ms": 500,
        # The default of 128 MiB would not fit into the heap, and the broker would not start.
        "log.cleaner.dedupe.buffer.size": 4 * 2**20,
        "log.cleaner.threads": 1,
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())
