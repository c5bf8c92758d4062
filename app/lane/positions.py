"""Where each source partition goes on: carried in the data, read through a barrier.

Every transaction writes, for each lane that it moves, `source topic -> next position` to the same partition number
of the rows' changelog, before it hands the same positions to the group. A new owner first writes a record of its
own to every partition that a former owner may still write to, and takes its offset from the acknowledgement: that
is the barrier. Then it reads committed records up to there. What it has read is the truth:

* A former owner's transaction whose position record lies before the barrier holds the last stable offset below it.
  The read waits until that transaction is decided.
* One whose record lies after the barrier asks the group after the new generation was made. It is refused, and can
  never commit.

A coordinator or leader that was frozen and wakes up cannot mislead: it cannot replicate the barrier. The barrier's
own transaction is *aborted*, since only its offsets matter: no consumer of an event topic ever sees it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiokafka import TopicPartition

from app.lane.producer import LaneProducer, one_record
from app.lane.reading import read
from app.lane.store import position_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from app.lane.config import LaneConfig
    from app.lane.declare import Record

_BARRIER = b"\0barrier"

Barriers = dict[TopicPartition, int]


class NoOffset(Exception):  # noqa: N818 - an answer, not a bug
    """The broker took a batch but did not say where (a duplicate of one that it had already): start again."""


async def barrier(producer: LaneProducer, partitions: Iterable[TopicPartition], deadline: float) -> Barriers:
    """Return, for each partition, an offset that only its true leader can have given us just now."""
    tps = list(partitions)
    async with asyncio.timeout(deadline):
        await producer.begin()
        sends = [
            await producer.send_batch(one_record(producer, _BARRIER, b""), tp.topic, partition=tp.partition)
            for tp in tps
        ]
        results = await asyncio.gather(*sends)
        await producer.abort()
    if any(result is None or result.offset < 0 for result in results):
        raise NoOffset
    return {tp: result.offset for tp, result in zip(tps, results, strict=True)}


async def read_positions(
    config: LaneConfig,
    before: Mapping[TopicPartition, int],
    start: Mapping[TopicPartition, int],
    barriers: Mapping[TopicPartition, int],
) -> dict[TopicPartition, int]:
    """Return the next positions of sources: those of `before`, and what was committed to them since.

    `start`: for the rows of each partition, the offset behind the last record that `before` knows.
    """
    found = dict(before)

    def note(tp: TopicPartition, records: Sequence[Record], _next: int) -> None:
        for record in records:
            topic = position_of(record.key or b"")
            if topic is not None and record.value is not None:
                source = TopicPartition(topic, tp.partition)
                if source in found:
                    found[source] = int(record.value)

    await read(config, start, note, barriers)
    return found
