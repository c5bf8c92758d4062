"""What was decided: outcomes, and the dead letters of commands that have none.

Read once all are decided. First come the records that were written since the start of this run; only if some
commands have none there (a repeat: its outcomes are those of the first run), the older outcomes too.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from app.topics import COMMAND_OUTCOMES, DEAD_LETTERS
from app.wire.outcomes import decode_outcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from aiokafka import ConsumerRecord

Offsets = dict[int, int]  # by partition number


class Places(NamedTuple):
    """Where outcomes and dead letters are written, and where those of a run begin."""

    bootstrap: str
    outcomes: str
    dead_letters: str
    outcomes_from: Offsets
    dead_letters_from: Offsets


@dataclass
class Decisions:
    """What became of the commands.

    `accepted` by type, `refused` by code, `dead` (no decision was possible) by code and message; `earlier`:
    how many of the outcomes an earlier run had got; `missing`: ids of which there is no trace.
    """

    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    dead: Counter[str] = field(default_factory=Counter)
    earlier: int = 0
    missing: set[str] = field(default_factory=set)


class _Id(msgspec.Struct):
    id: str


_id = msgspec.json.Decoder(_Id).decode


async def places(
    bootstrap: str,
    partitions: int,
    outcomes: str = COMMAND_OUTCOMES.name,
    dead_letters: str = DEAD_LETTERS.name,
) -> Places:
    """Note where outcomes and dead letters end now: before the first command is sent."""
    return Places(
        bootstrap,
        outcomes,
        dead_letters,
        await end_offsets(bootstrap, outcomes, partitions),
        await end_offsets(bootstrap, dead_letters, partitions),
    )


async def end_offsets(bootstrap: str, topic: str, partitions: int) -> Offsets:
    """Return what follows the last record of each partition, whether committed yet or not."""
    every = [TopicPartition(topic, partition) for partition in range(partitions)]
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        return {at.partition: offset for at, offset in (await consumer.end_offsets(every)).items()}
    finally:
        await consumer.stop()


async def read_decisions(run: Places, command_ids: AbstractSet[str]) -> Decisions:
    """Read what became of the commands, all of which are decided."""
    decisions = Decisions(missing=set(command_ids))

    def outcome(record: ConsumerRecord) -> None:
        _note_outcome(record, decisions)

    def dead_letter(record: ConsumerRecord) -> None:
        _note_dead_letter(record, decisions)

    await _read(run.bootstrap, run.outcomes, run.outcomes_from, None, outcome)
    if decisions.missing:
        await _read(run.bootstrap, run.dead_letters, run.dead_letters_from, None, dead_letter)
    new = len(decisions.missing)
    if decisions.missing:
        everything = dict.fromkeys(run.outcomes_from, 0)
        await _read(run.bootstrap, run.outcomes, everything, run.outcomes_from, outcome)
    decisions.earlier = new - len(decisions.missing)
    return decisions


async def _read(
    bootstrap: str, topic: str, start: Offsets, until: Offsets | None, note: Callable[[ConsumerRecord], None]
) -> None:
    """Pass committed records to `note`, up to `until`, or to the end as of now.

    That end is the uncommitted one: who gets there has seen what was in an open transaction a moment ago.
    """
    until = until or await end_offsets(bootstrap, topic, len(start))
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
        while parts:
            for records in (await consumer.getmany(*parts, timeout_ms=100)).values():
                for record in records:
                    note(record)
            parts = [part for part in parts if await consumer.position(part) < until[part.partition]]
    finally:
        await consumer.stop()


def _note_outcome(record: ConsumerRecord, decisions: Decisions) -> None:
    command_id = record.key.decode()
    if command_id in decisions.missing:
        decisions.missing.discard(command_id)
        outcome = decode_outcome(record.value)
        if outcome.accepted:
            decisions.accepted[outcome.data.type] += 1
        else:
            decisions.refused[outcome.data.code or "?"] += 1


def _note_dead_letter(record: ConsumerRecord, decisions: Decisions) -> None:
    try:
        command_id = _id(record.value).id
    except msgspec.DecodeError:  # not one of ours
        return
    if command_id in decisions.missing:
        decisions.missing.discard(command_id)
        headers = {name: value.decode(errors="replace") for name, value in record.headers}
        code, message = (headers.get(f"dead-letter-{name}", "?") for name in ("code", "message"))
        decisions.dead[f"{code}: {message}"] += 1
