"""A lane's queue: the records of one source partition that wait for their turn, in order."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

    from aiokafka import TopicPartition

    from app.lane.declare import Agent, Record
    from app.lane.rows import Rows


class Lane:
    """The records of one source partition, from the consumer to the commit.

    They stay here, or in the cycle's hands, until they are committed: nothing is ever fetched twice.
    """

    __slots__ = (
        "_chunks",
        "_high",
        "agent",
        "appetite",
        "full",
        "heard_at",
        "moved_at",
        "pending",
        "position",
        "rows",
        "source",
        "taken",
        "wanted",
    )

    def __init__(
        self, source: TopicPartition, agent: Agent[Any], rows: Rows, position: int, high: int,
        appetite: asyncio.Event,
    ) -> None:  # fmt: skip
        self.source = source
        self.agent = agent
        self.rows = rows
        self.position = position  # of the next record to commit
        self.wanted = position  # the consumer's: markers and aborted records before it are behind us
        self.taken = position  # up to here it is in the hands of a cycle, or committed
        self.pending = 0  # records queued or in the cycle's hands
        self.full = False
        self.appetite = appetite  # set when `full` changes
        self.moved_at = time.monotonic()  # last commit, or when the lane last had nothing to do
        self.heard_at = time.time()  # last answer to a fetch of this partition, be it empty
        self._chunks: deque[list[Record]] = deque()
        self._high = high

    @property
    def ready(self) -> bool:
        """Something is to be done: records, or markers behind the last one that the position must pass."""
        return bool(self._chunks) or (not self.pending and self.wanted > self.taken)

    def feed(self, records: list[Record], position: int) -> None:
        """Append what the consumer delivered, up to its next position. Anything seen before is dropped."""
        if records and records[0].offset < self.wanted:
            records = [record for record in records if record.offset >= self.wanted]
        self.wanted = max(self.wanted, position)
        if records:
            if not self.pending:
                self.moved_at = time.monotonic()
            self.pending += len(records)
            if self.pending >= self._high and not self.full:
                self.full = True
                self.appetite.set()
            self._chunks.append(records)

    def take(self, records: int, size: int) -> tuple[list[Record], int]:
        """Return the next records, at most that many and (but for one) of at most that many bytes, and the
        position behind them: with the last record come the markers and the aborted records that follow it.
        """
        taken: list[Record] = []
        while self._chunks and len(taken) < records:
            chunk = self._chunks.popleft()
            fits = 0
            for record in chunk[: records - len(taken)]:
                size -= len(record.value or b"")
                if size < 0 and (taken or fits):
                    break
                fits += 1
            if fits < len(chunk):
                self._chunks.appendleft(chunk[fits:])
                taken += chunk[:fits]
                break
            taken += chunk
        self.taken = taken[-1].offset + 1 if self._chunks else self.wanted
        return taken, self.taken

    def stuck_for(self) -> float:
        """Return for how many seconds the lane has had work and committed none, or has not been heard of."""
        if self.pending:
            return time.monotonic() - self.moved_at
        return time.time() - self.heard_at

    def committed(self, records: int, position: int) -> None:
        """The first `records` of the pending ones are done."""
        self.position = position
        self.pending -= records
        self.moved_at = time.monotonic()
        if self.full and self.pending < self._high // 2:
            self.full = False
            self.appetite.set()
