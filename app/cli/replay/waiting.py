"""Until the workers have decided all that was sent.

What counts is the position of their group on the topic. It is committed in the transaction that writes the
outcomes, so it passes our last record exactly when all of ours are decided. That also holds for a repeat,
whose commands get no second outcome, and it does not care for what others send.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

POLL_SECONDS = 0.1


class Undecided(Exception):  # noqa: N818 - one line for the person who started the replay
    """The workers made no progress for as long as we were told to be patient."""


async def wait_until_decided(
    bootstrap: str,
    group: str,
    topic: str,
    next_offsets: Mapping[int, int],
    *,
    patience: float,
    left: Callable[[int], None],
) -> None:
    """Return when the group's position is behind our last record on every partition.

    Calls `left(records)` whenever they became fewer. A broker that does not answer is a lack of progress.
    Raises Undecided after `patience` seconds without progress.
    """
    wanted = {TopicPartition(topic, partition): offset for partition, offset in next_offsets.items()}
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        least, since = sum(wanted.values()) + 1, time.monotonic()
        while least:
            with suppress(KafkaError):
                records = await _left(admin, group, wanted)
                if records < least:
                    least, since = records, time.monotonic()
                    left(records)
            if time.monotonic() - since > patience:
                raise Undecided(
                    f"group {group} left {least} records of {topic} undecided for {patience:.0f} s. "
                    "Is a worker running? Run the same command again when one does."
                )
            await asyncio.sleep(POLL_SECONDS if least else 0)
    finally:
        await admin.close()


async def _left(admin: AIOKafkaAdminClient, group: str, wanted: Mapping[TopicPartition, int]) -> int:
    """Return how many records lie between the positions and ours. A partition without a position: all."""
    found = await admin.list_consumer_group_offsets(group, partitions=list(wanted))
    return sum(
        max(0, offset - max(0, found[part].offset if part in found else 0)) for part, offset in wanted.items()
    )
