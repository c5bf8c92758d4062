"""Until every command is decided, and what was decided.

Waiting looks at the position of the workers' group on `order-commands`: it is committed in the transaction
that writes the outcomes, so it passes our last record exactly when all of ours are decided. That also holds
for a repeat, whose commands get no second outcome, and it does not care for what others send.

The outcomes are read afterwards, first those that were written since the start of this run; only if some of
ours are not among them (a repeat), the older ones as well.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from app.wire.outcomes import decode_outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Set as AbstractSet

POLL_SECONDS = 0.1
Offsets = dict[int, int]  # by partition number


class Undecided(Exception):  # noqa: N818 - one line for the person who started the replay
    """The workers made no progress for as long as we were told to be patient."""


@dataclass
class Decisions:
    """What became of the commands.

    `accepted` by type, `refused` by code; `earlier`: how many of them an earlier run had sent; `missing`: ids
    that have no outcome (a dead letter, or one older than the retention of outcomes).
    """

    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    earlier: int = 0
    missing: set[str] = field(default_factory=set)


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

    Calls `left(records)` at every look. Raises Undecided after `patience` seconds without progress.
    """
    wanted = {TopicPartition(topic, partition): offset for partition, offset in next_offsets.items()}
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        least, since = None, time.monotonic()
        while True:
            found = await admin.list_consumer_group_offsets(group, partitions=list(wanted))
            at = {partition: max(0, position.offset) for partition, position in found.items()}
            records = sum(max(0, offset - at.get(partition, 0)) for partition, offset in wanted.items())
            left(records)
            if not records:
                return
            if least is None or records < least:
                least, since = records, time.monotonic()
            elif time.monotonic() - since > patience:
                raise Undecided(
                    f"group {group} left {records} records of {topic} undecided for {patience:.0f} s. "
                    "Is a worker running? Run the same command again when one does."
                )
            await asyncio.sleep(POLL_SECONDS)
    finally:
        await admin.close()


async def end_offsets(bootstrap: str, topic: str, partitions: int) -> Offsets:
    """Return what follows the last record of each partition, whether committed yet or not."""
    every = [TopicPartition(topic, partition) for partition in range(partitions)]
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        return {at.partition: offset for at, offset in (await consumer.end_offsets(every)).items()}
    finally:
        await consumer.stop()


async def read_decisions(
    bootstrap: str, topic: str, command_ids: AbstractSet[str], *, started_at: Offsets
) -> Decisions:
    """Read what became of the commands. `started_at`: the ends of the outcomes before the first was sent.

    Call it when all are decided. The ends are taken as of now and uncommitted: a reader of committed records
    that gets there has seen every outcome whose transaction was open a moment ago.
    """
    decisions = Decisions(missing=set(command_ids))
    ends = await end_offsets(bootstrap, topic, len(started_at))
    await _read(bootstrap, topic, started_at, ends, decisions)
    decisions.earlier = len(decisions.missing)
    if decisions.missing:
        await _read(bootstrap, topic, dict.fromkeys(started_at, 0), started_at, decisions)
    decisions.earlier -= len(decisions.missing)
    return decisions


async def _read(bootstrap: str, topic: str, start: Offsets, until: Offsets, decisions: Decisions) -> None:
    parts = [TopicPartition(topic, number) for number in until if start[number] < until[number]]
    if not parts:
        return
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        isolation_level="read_committed",
        auto_offset_reset="earliest",  # the broker may have deleted what is older than the retention
        max_partition_fetch_bytes=4 * 2**20,
    )
    consumer.assign(parts)
    await consumer.start()
    try:
        for part in parts:
            consumer.seek(part, start[part.partition])
        while parts and decisions.missing:
            for records in (await consumer.getmany(*parts, timeout_ms=100)).values():
                for record in records:
                    _note(record.key, record.value, decisions)
            parts = [part for part in parts if await consumer.position(part) < until[part.partition]]
    finally:
        await consumer.stop()


def _note(key: bytes, value: bytes, decisions: Decisions) -> None:
    command_id = key.decode()
    if command_id not in decisions.missing:
        return
    decisions.missing.discard(command_id)
    outcome = decode_outcome(value)
    if outcome.accepted:
        decisions.accepted[outcome.data.type] += 1
    else:
        decisions.refused[outcome.data.code or "?"] += 1
