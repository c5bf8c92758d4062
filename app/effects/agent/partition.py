"""One partition of order-events: what was taken, what is done, and up to where all is done.

The movements of one order are carried one after the other, those of different orders at the same time. The position
to commit is the oldest that is not done, so that a movement which waits for its provider holds nothing up but its
order, until `ahead` records further on.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING

from app.effects.agent.movement import UNREADABLE, Movement, movement_of
from app.lane.declare import Record
from app.wire.contracts import ORDERS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from aiokafka import ConsumerRecord

Work = tuple[Record, Movement]

log = logging.getLogger(__name__)


class Partition:
    """The records of a partition, for as long as it is ours. `start` runs a task and watches over it."""

    def __init__(
        self,
        carry: Callable[[Record, Movement], Awaitable[None]],
        start: Callable[..., asyncio.Task[None]],
        ahead: int,
    ) -> None:
        self._carry = carry
        self._start = start
        self._ahead = ahead
        self._next: int | None = None
        self._open: dict[int, None] = {}  # offsets, ascending: what is taken and not done
        self._waiting: dict[str, deque[Work]] = {}  # by order; an order that is here has a task
        self._tasks: set[asyncio.Task[None]] = set()
        self.stopped = False

    @property
    def position(self) -> int | None:
        """The offset before which everything is done. None: nothing was taken yet."""
        return next(iter(self._open), self._next)

    @property
    def full(self) -> bool:
        """Whether no more should be taken now."""
        return self.stopped or (
            self._next is not None
            and self.position is not None
            and (self._next - self.position >= self._ahead)
        )

    def take(self, records: Iterable[ConsumerRecord]) -> None:
        """Take records, in their order. What cannot be read stops the partition: nothing is skipped."""
        for found in records:
            if self.stopped:
                return
            try:
                movement = movement_of(ORDERS.decode_event(found.value or b""))
            except UNREADABLE as wrong:
                self.stopped = True
                log.error(  # noqa: TRY400 - the line says it all
                    "%s-%s stops at offset %s: %s. It goes on there when a release that reads it is started",
                    found.topic,
                    found.partition,
                    found.offset,
                    wrong,
                )
                return
            self._next = found.offset + 1
            if movement is not None:
                self._open[found.offset] = None
                self._queue(_record(found), movement)

    async def drain(self, seconds: float) -> None:
        """Give what is under way some time to end, and cut the rest short: whoever takes over repeats it."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _queue(self, record: Record, movement: Movement) -> None:
        order = movement.call.order_id
        if order in self._waiting:
            self._waiting[order].append((record, movement))
            return
        self._waiting[order] = deque([(record, movement)])
        task = self._start(self._work_off(order))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work_off(self, order: str) -> None:
        waiting = self._waiting[order]
        while waiting:
            record, movement = waiting[0]
            await self._carry(record, movement)
            waiting.popleft()
            del self._open[record.offset]
        del self._waiting[order]


def _record(found: ConsumerRecord) -> Record:
    return Record(
        found.topic, found.partition, found.offset, found.timestamp, found.key, found.value, found.headers
    )
