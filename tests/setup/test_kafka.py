"""The local Kafka: it keeps its data, names what is missing, and never outlives its program."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from dev.kafka import Cluster, Missing, Node
from dev.kafka.java import java
from dev.kafka.ports import brokers_known_at, free_ports, is_free, wait_until


async def test_a_second_start_goes_on_with_the_data_of_the_first(tmp_path: Path) -> None:
    with Node(tmp_path) as node:
        admin = AIOKafkaAdminClient(bootstrap_servers=node.bootstrap)
        await admin.start()
        await admin.create_topics([NewTopic("kept", num_partitions=1, replication_factor=1)])
        await admin.close()
        producer = AIOKafkaProducer(bootstrap_servers=node.bootstrap, acks="all")
        await producer.start()
        await producer.send_and_wait("kept", b"value", partition=0)
        await producer.stop()
    with Node(tmp_path) as node:
        consumer = AIOKafkaConsumer(bootstrap_servers=node.bootstrap, auto_offset_reset="earliest")
        await consumer.start()
        consumer.assign([TopicPartition("kept", 0)])
        async with asyncio.timeout(60):
            assert (await consumer.getone()).value == b"value"
        await consumer.stop()


def test_a_cluster_goes_on_without_one_of_its_nodes_and_takes_it_back(tmp_path: Path) -> None:
    with Cluster(tmp_path) as cluster:
        ports = [int(address.rpartition(":")[2]) for address in cluster.bootstrap.split(",")]
        cluster.kill(1)
        assert wait_until(lambda: len(brokers_known_at(ports[1])) == 2, 90), "the death was noticed"
        cluster.start(1)
        cluster.wait_up(1)
        assert wait_until(lambda: len(brokers_known_at(ports[1])) == 3, 90), "the return was noticed"


def test_kafka_ends_when_its_program_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from dev.kafka import Node; "
        "node = Node(Path(sys.argv[1])); node.start(); print(node.bootstrap, flush=True); time.sleep(600)"
    )
    program = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    port = int(program.stdout.readline().rpartition(":")[2])
    assert not is_free(port)
    program.send_signal(signal.SIGKILL)
    program.wait()
    program.stdout.close()
    assert wait_until(lambda: is_free(port), 60), "the broker has left its port"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Return a node that runs, to be in the way of another."""
    with Node(tmp_path_factory.mktemp("node")) as node:
        yield node


def test_a_folder_in_use_is_named(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dev.kafka.server.FOLDER_WAIT", 0.2)
    folder = node.server.place.folder
    with pytest.raises(Missing, match=f"another Kafka uses {folder}: stop it first"):
        Node(folder).start()


def test_a_busy_port_is_named(node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dev.kafka.server.PORT_WAIT", 0.2)
    port = node.server.place.port
    with pytest.raises(Missing, match=f"port {port} is taken"):
        Node(tmp_path, port=port).start()


def test_too_little_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dev.kafka.server.NEEDED_DISK", 2**62)
    with pytest.raises(Missing, match="disk are free"):
        Node(tmp_path).start()


def test_missing_maven_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERLANE_CACHE", str(tmp_path / "empty"))
    monkeypatch.setattr("dev.kafka.jars.shutil.which", lambda _: None)
    with pytest.raises(Missing, match="no mvn on the path"):
        Node(tmp_path).start()


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        (None, "there is no java on the path"),
        ('openjdk version "11.0.2" 2019-01-15', "is Java 11: install Java 17"),
        ('java version "1.8.0_381"', "is Java 8: install Java 17"),
        ("what?", "does not tell its version"),
    ],
)
def test_a_missing_or_old_java_is_named(
    says: str | None, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if says:
        program = tmp_path / "java"
        program.write_text(f"#!/bin/sh\necho '{says}' >&2\n")
        program.chmod(0o755)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}")
    java.cache_clear()
    with pytest.raises(Missing, match=expected):
        java()
    java.cache_clear()


def test_free_ports_differ_from_each_other() -> None:
    assert len(set(free_ports(200))) == 200
