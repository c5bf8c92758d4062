"""What recovery checks before it starts, and what it tells while it runs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import TYPE_CHECKING, Self

from app.lane.declare import Keep

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from aiokafka import TopicPartition

log = logging.getLogger(__name__)

_EVERY = 2.0  # seconds between two progress lines


class StateMismatch(Exception):  # noqa: N818 - it names a state of the world
    """What this worker holds and what Kafka holds contradict each other. Going on would lose or repeat something."""

    @classmethod
    def position(cls, source: TopicPartition, position: int, first: int, last: int) -> Self:
        return cls(
            f"offsets-gone: {source.topic}-{source.partition} goes on at offset {position}, and the topic has {first} "
            f"to {last}. Records were deleted, or the topic was made anew: nothing is skipped or replayed unasked."
        )


def check_start(tp: TopicPartition, offset: int, *, first: int, last: int | None, keep: Keep) -> int:
    """Return the offset to read a changelog from. Raises StateMismatch where that would leave a gap.

    `offset` is what the database holds, `first` the first offset that the topic still has, `last` the one
    after its last record where that is known.
    """
    if last is not None and offset > last:
        raise StateMismatch(
            f"changelog-behind: the disk holds {tp.topic}-{tp.partition} up to offset {offset}, and the topic ends at "
            f"{last}. It was emptied or made anew, or the disk is from another cluster."
        )
    if offset < first and keep is not Keep.A_WHILE:
        raise StateMismatch(
            f"changelog-gap: {tp.topic}-{tp.partition} begins at offset {first}, and the disk ends at {offset}: "
            "records that are needed were deleted."
        )
    return max(offset, first)


class Progress:
    """How far the recovery of a tenure is."""

    def __init__(self) -> None:
        self.rows = 0
        self.left: dict[TopicPartition, int] = {}  # records, markers and holes included
        self._began = self.moved_at = time.monotonic()

    def begin(self, start: Mapping[TopicPartition, int], until: Mapping[TopicPartition, int]) -> None:
        """Recover from `start` up to and with the offset in `until`."""
        self.rows = 0
        self._began = self.moved_at = time.monotonic()
        self._until = dict(until)
        self.left = {tp: until[tp] + 1 - start[tp] for tp in until}

    def advance(self, tp: TopicPartition, rows: int, next_offset: int) -> None:
        if tp in self.left:
            self.rows += rows
            self.moved_at = time.monotonic()
            self.left[tp] = self._until[tp] + 1 - next_offset
            if self.left[tp] <= 0:
                del self.left[tp]

    def line(self) -> str:
        took = max(time.monotonic() - self._began, 1e-6)
        partitions = len({tp.partition for tp in self.left})
        left = sum(self.left.values())
        speed = f"{self.rows:,} rows, {self.rows / took:,.0f} rows/s"
        return f"recovery: {speed}, {partitions} partitions and {left:,} records left"

    @contextlib.asynccontextmanager
    async def reported(self) -> AsyncIterator[None]:
        """Log a line now and then while the recovery runs, and one at its end."""

        async def report() -> None:
            while True:
                await asyncio.sleep(_EVERY)
                log.info(self.line())

        reporter = asyncio.create_task(report())
        try:
            yield
            log.info(self.line())
        finally:
            reporter.cancel()
