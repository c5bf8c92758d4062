"""Where a worker can be made to die: the named points, as patches of the engine's steps.

before-send            decided and packed, nothing sent
sent                   every record acknowledged, the group not asked yet
fenced                 positions handed to the group, the transaction open
in-end-txn             EndTxn is on its way
committed-not-stored   committed, RocksDB unchanged
stored                 in RocksDB, the lanes not moved on
in-assignment          the barriers are written, the positions not read
in-recovery            changelogs are being read into RocksDB

The first six are steps of `app.lane.cycle`, the others of `app.lane.tenure`.
"""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from app.lane import positions, tenure
from app.lane.cycle import Cycle
from app.lane.tenure import Tenure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aiokafka import TopicPartition

    from app.lane.batch import Batch
    from app.lane.declare import Record
    from app.lane.packing import Packed
    from app.lane.producer import LaneProducer
    from tests.faults.trap import Trap

ANSWER_MS = 4  # about what a broker takes for EndTxn


def install(trap: Trap) -> None:
    """Patch the classes of this process."""
    _cycle(trap)
    _start(trap)


def _cycle(trap: Trap) -> None:
    """A cycle counts when it decides something: one that only moves a position has nothing to lose."""
    send, fence, commit, store = Cycle.send, Cycle.fence, Cycle.commit, Cycle.store
    decides = False

    def reach(point: str) -> None:
        if decides:
            trap.reach(point)

    async def trapped_send(self: Cycle, batch: Batch, packed: Packed) -> None:
        nonlocal decides
        decides = any(share.records for share in batch.shares)
        reach("before-send")
        await send(self, batch, packed)
        reach("sent")

    async def trapped_fence(self: Cycle, batch: Batch) -> None:
        await fence(self, batch)
        reach("fenced")

    async def trapped_commit(self: Cycle) -> None:
        if decides and trap.armed("in-end-txn"):
            ending = asyncio.create_task(commit(self))
            await asyncio.sleep(random.uniform(0, ANSWER_MS / 1000))
            trap.reach("in-end-txn")
            await ending
        else:
            await commit(self)

    async def trapped_store(self: Cycle, batch: Batch) -> None:
        reach("committed-not-stored")
        await store(self, batch)
        reach("stored")

    Cycle.send = trapped_send  # type: ignore[method-assign]
    Cycle.fence = trapped_fence  # type: ignore[method-assign]
    Cycle.commit = trapped_commit  # type: ignore[method-assign]
    Cycle.store = trapped_store  # type: ignore[method-assign]


def _start(trap: Trap) -> None:
    barrier, apply = positions.barrier, Tenure._apply

    async def trapped_barrier(
        producer: LaneProducer, partitions: Iterable[TopicPartition], deadline: float
    ) -> dict[TopicPartition, int]:
        marks = await barrier(producer, partitions, deadline)
        trap.reach("in-assignment")
        return marks

    def trapped_apply(self: Tenure, tp: TopicPartition, records: Sequence[Record], next_offset: int) -> None:
        apply(self, tp, records, next_offset)
        if self.cycle is None:  # not a standby
            trap.reach("in-recovery")

    setattr(tenure, "barrier", trapped_barrier)  # noqa: B010 - the name that it imported
    Tenure._apply = trapped_apply  # type: ignore[method-assign]
