"""Until the workers have decided all that was sent, and all that follows from it.

What counts is the position of their group on a topic. It is committed in the transaction that writes the
outcomes, so it passes our last record exactly when all of ours are decided. That also holds for a repeat,
whose commands get no second outcome, and it does not care for what others send.

What follows from a command is on the topics when the position has passed the command. So all is settled when the
positions have passed the ends of all topics, and nothing is there then that was not there before.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Offsets = dict[TopicPartition, int]

POLL_SECONDS = 0.1
LOOK_SECONDS = 1.0  # without progress, until we look whether anything is left at all
ROUNDS = 50  # an order's life has fewer steps; on a busy system there is always something new


class Undecided(Exception):  # noqa: N818 - one line for the person who started the replay
    """The workers made no progress for as long as we were told to be patient."""


async def wait_until_settled(
    bootstrap: str,
    group: str,
    topics: Iterable[str],
    partitions: int,
    *,
    patience: float,
    left: Callable[[int], None],
) -> None:
    """Return when what is on the topics now is decided, and what followed from it, and so on.

    Where others send all the time: after so many rounds that ours is settled. Raises Undecided.
    """
    every = [TopicPartition(topic, number) for topic in topics for number in range(partitions)]
    before = Offsets()
    for _ in range(ROUNDS):
        ends = await _ends(bootstrap, every)
        if ends == before:
            return
        await wait_until_decided(bootstrap, group, ends, patience=patience, left=left)
        before = ends


async def wait_until_decided(
    bootstrap: str,
    group: str,
    wanted: Mapping[TopicPartition, int],
    *,
    patience: float,
    left: Callable[[int], None],
) -> None:
    """Return when the group's position has reached the wanted one on every partition.

    Calls `left(records)` whenever they became fewer. A broker that does not answer is a lack of progress.
    Raises Undecided after `patience` seconds without progress.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        least, since, looked = sum(wanted.values()) + 1, time.monotonic(), 0.0
        while least:
            with suppress(KafkaError):
                behind = await _behind(admin, group, wanted)
                records = sum([wanted[part] - position for part, position in behind.items()])
                if records < least:
                    least, since = records, time.monotonic()
                    left(records)
                elif time.monotonic() - max(since, looked) > LOOK_SECONDS:
                    looked = time.monotonic()
                    if await _only_marks(bootstrap, behind, wanted):
                        return
            if time.monotonic() - since > patience:
                topics = ", ".join(sorted({part.topic for part in wanted}))
                raise Undecided(
                    f"group {group} left {least} records of {topics} undecided for {patience:.0f} s. "
                    "Is a worker running? Run the same command again when one does."
                )
            await asyncio.sleep(POLL_SECONDS if least else 0)
    finally:
        await admin.close()


async def _behind(admin: AIOKafkaAdminClient, group: str, wanted: Mapping[TopicPartition, int]) -> Offsets:
    """Return the positions that lie before the wanted ones. A partition without a position: 0."""
    found = await admin.list_consumer_group_offsets(group, partitions=list(wanted))
    positions = {part: max(0, found[part].offset if part in found else 0) for part in wanted}
    return {part: position for part, position in positions.items() if position < wanted[part]}


async def _ends(bootstrap: str, parts: list[TopicPartition]) -> Offsets:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        return dict(await consumer.end_offsets(parts))
    finally:
        await consumer.stop()


async def _only_marks(bootstrap: str, behind: Offsets, wanted: Mapping[TopicPartition, int]) -> bool:
    """Return whether there is no record before the wanted positions, but only the end of a transaction.

    A worker's position passes it with the next record, which may never come.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, isolation_level="read_committed", auto_offset_reset="earliest"
    )
    consumer.assign(list(behind))
    await consumer.start()
    try:
        for part, position in behind.items():
            consumer.seek(part, position)
        left = list(behind)
        until = time.monotonic() + LOOK_SECONDS
        while left and time.monotonic() < until:
            for part, records in (await consumer.getmany(*left, timeout_ms=100, max_records=1)).items():
                if any(record.offset < wanted[part] for record in records):
                    return False
            left = [part for part in left if await consumer.position(part) < wanted[part]]
        return not left
    finally:
        await consumer.stop()
