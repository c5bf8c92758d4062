"""Which broker of a cluster does what: coordinators, the controller, and whether all replicas are in sync."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Literal

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient, CoordinationType
from aiokafka.errors import KafkaError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dev.kafka import Cluster

ATTEMPTS = 40
PAUSE = 0.25


async def coordinator(bootstrap: str, kind: Literal["group", "transaction"], name: str) -> int:
    """Return the number of the node that coordinates a group or a transactional id."""
    which = CoordinationType.GROUP if kind == "group" else CoordinationType.TRANSACTION
    for _ in range(ATTEMPTS):
        client = AIOKafkaClient(bootstrap_servers=bootstrap, request_timeout_ms=3000)
        try:
            await client.bootstrap()
            return int(await client.coordinator_lookup(which, name))
        except KafkaError:
            await asyncio.sleep(PAUSE)
        finally:
            await client.close()
    raise KafkaError(f"nobody coordinates the {kind} {name}")


def controller(cluster: Cluster) -> int:
    """Return the number of the active controller, as a running node has written it down; 0 for nobody."""
    for server in cluster.servers.values():
        state = server.place.data / "__cluster_metadata-0" / "quorum-state"
        if server.running and state.exists():
            leader = int(json.loads(state.read_text())["leaderId"])
            if leader in cluster.servers and cluster.servers[leader].running:
                return leader
    return 0


async def all_in_sync(bootstrap: str, topics: Sequence[str], replicas: int) -> bool:
    """Whether every partition of the topics has all its replicas in sync."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=4000)
    try:
        await asyncio.wait_for(admin.start(), 8)
        described = await asyncio.wait_for(admin.describe_topics(list(topics)), 8)
    except (KafkaError, TimeoutError, OSError):
        return False
    finally:
        await admin.close()
    return all(len(part["isr"]) >= replicas for topic in described for part in topic["partitions"])
