"""A coordinator that was frozen answers from memory when it thaws; a read through a barrier is true.

Both requests are written into the sockets of the frozen node, so that they are the first that it answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.client import AIOKafkaClient, ConnectionGroup
from aiokafka.errors import KafkaError
from aiokafka.protocol.commit import OffsetFetchRequest

from app.lane.config import LaneConfig
from app.lane.fencing import Member
from app.lane.positions import barrier, read_positions
from app.lane.producer import LaneProducer, one_record
from app.lane.store import position_key
from tests.faults import roles

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from dev.kafka import Cluster

GROUP = "thawed"
SOURCE = TopicPartition("order-commands", 0)
DEADLINE = 40.0
Result = TypeVar("Result")


def config(bootstrap: str, worker: str, folder: Path) -> LaneConfig:
    return LaneConfig(
        app_id=GROUP,
        worker_id=worker,
        bootstrap=tuple(bootstrap.split(",")),
        partitions=1,
        replication=3,
        min_insync=2,
        data_dir=folder,
        standbys=0,
        session_timeout=6,
        heartbeat_interval=1,
        transaction_timeout=6,
        transaction_deadline=10,
        request_timeout=5,
    )


async def patiently(attempt: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """Try until it works: the brokers are electing."""
    until = time.monotonic() + DEADLINE
    while True:
        try:
            return await attempt()
        except (KafkaError, TimeoutError, OSError):
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.3)


async def commit(bootstrap: str, offset: int) -> None:
    """Let the group say where it goes on, as tools do."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=GROUP, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([SOURCE])
        await consumer.commit({SOURCE: offset})
    finally:
        await consumer.stop()


async def write_position(of: LaneConfig, position: int) -> None:
    producer = await LaneProducer.start(of, Member(1, "m", None))
    try:
        async with asyncio.timeout(8):
            await producer.begin()
            batch = one_record(producer, position_key(SOURCE.topic), b"%d" % position)
            await (await producer.send_batch(batch, of.rows_topic, partition=0))
            await producer.commit()
    finally:
        await producer.abandon()


async def fetch_offset(client: AIOKafkaClient, node: int) -> int:
    """Ask one node, whoever it is by now, where the group goes on."""
    request = OffsetFetchRequest(GROUP, [(SOURCE.topic, [SOURCE.partition])])
    answer = await client.send(node, request, group=ConnectionGroup.COORDINATION)
    return int(answer.topics[0][1][0][1])


async def make_topic(bootstrap: str, name: str, leader: int) -> None:
    others = [node for node in (1, 2, 3) if node != leader]
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, -1, -1, replica_assignments={0: [leader, *others]})])
    finally:
        await admin.close()


async def successor(cluster: Cluster, bootstrap: str, frozen: int) -> None:
    """Wait until the others have given the frozen node's group to somebody else."""
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until:
        with contextlib.suppress(KafkaError):
            if await roles.coordinator(bootstrap, "group", GROUP) != frozen:
                return
        await asyncio.sleep(0.2)
    raise AssertionError(f"nobody took over from node {frozen} of {len(cluster.servers)}")


async def probe(cluster: Cluster, folder: Path) -> tuple[int, int | None]:
    """Return what the thawed coordinator says, and what the barrier read says. The truth is 2."""
    new_owner = config(cluster.bootstrap, "new", folder)
    rows = TopicPartition(new_owner.rows_topic, SOURCE.partition)
    await make_topic(cluster.bootstrap, SOURCE.topic, leader=1)
    await patiently(lambda: commit(cluster.bootstrap, 1))
    node = await roles.coordinator(cluster.bootstrap, "group", GROUP)
    await make_topic(cluster.bootstrap, new_owner.rows_topic, leader=node)
    await patiently(lambda: write_position(config(cluster.bootstrap, "old", folder), 1))
    client = AIOKafkaClient(bootstrap_servers=cluster.bootstrap, request_timeout_ms=60_000)
    await client.bootstrap()
    producer = await patiently(lambda: LaneProducer.start(new_owner, Member(2, "m", None)))
    try:
        assert await fetch_offset(client, node) == 1  # opens the connection
        cluster.freeze(node)
        awake = ",".join(f"127.0.0.1:{s.place.port}" for n, s in cluster.servers.items() if n != node)
        await successor(cluster, awake, node)
        await patiently(lambda: commit(awake, 2))
        await patiently(lambda: write_position(config(awake, "old", folder), 2))
        stale = asyncio.create_task(fetch_offset(client, node))
        marks = asyncio.create_task(barrier(producer, [rows], 30))
        await asyncio.sleep(0.2)  # both requests wait in the frozen node's socket
        cluster.thaw(node)
        found = await read_positions(new_owner, {SOURCE: 0}, {rows: 0}, await marks)
        return await stale, found[SOURCE]
    finally:
        cluster.thaw(node)
        await producer.abandon()
        await client.close()
