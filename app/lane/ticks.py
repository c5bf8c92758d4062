"""Time, as records: what is to be done later lies in a table of timers, and its lane gets a tick when one is due.

The keys of such a table begin with the moment at which the row is due (`due_key`). An agent that declares one as its
`timers` finds ticks among its records; it scans for what is due, acts on it and deletes the row, all in one
transaction. So a tick that comes twice, late, or not at all (another one follows) loses and doubles nothing.

Looking for the first row costs one seek however many there are: `Due` knows from where on, so that the rows that were
deleted, which the database keeps for a while as marks, are passed once.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any, Final

from app.lane.partition import partition_of
from app.lane.postbox import Undelivered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from app.lane.declare import Record, Table
    from app.lane.lane import Lane
    from app.lane.postbox import Postbox
    from app.lane.rows import Rows
    from app.lane.turn import Output

log = logging.getLogger(__name__)

TICK: Final = "lane-tick"  # the header that tells a tick from all other records
EVERY, AGAIN = 0.1, 2.0  # seconds between two looks, and until a tick that changed nothing is sent again
_MOMENT: Final = 8  # bytes


def due_key(due_ms: int, of: bytes) -> bytes:
    """Return the key of what is due then (milliseconds since 1970): a scan is in the order of time."""
    return due_ms.to_bytes(_MOMENT, "big") + of


def due_of(key: bytes) -> tuple[int, bytes]:
    """Return when the row with this key is due, and of what it is."""
    return int.from_bytes(key[:_MOMENT], "big"), key[_MOMENT:]


def is_tick(record: Record) -> bool:
    """Return whether a record is a tick. Its value is the first key that was due."""
    return bool(record.headers) and record.headers[0][0] == TICK


def tick(partition: int, partitions: int, first: bytes) -> Output:
    """Return a tick for the lane of a partition, with a key that belongs there."""
    number = next(n for n in range(1_000_000) if partition_of(b"tick/%d" % n, partitions) == partition)
    return b"tick/%d" % number, first, ((TICK, b""),)


class Due:
    """The first row of one table of timers, in one partition."""

    __slots__ = ("_from", "_rows", "_table")

    def __init__(self, rows: Rows, table: Table[Any]) -> None:
        self._rows, self._table = rows, table
        self._from: bytes | None = b""  # no row is before it; None: there is none at all

    def set(self, key: bytes) -> None:
        """A row with this key was written."""
        if self._from is None or key < self._from:
            self._from = key

    def first(self) -> bytes | None:
        """Return the key of the row that is due first, of those that are committed."""
        if self._from is not None:
            self._from = self._rows.first(self._table, self._from)
        return self._from


class Ticker:
    """Sends ticks to the lanes of a tenure."""

    def __init__(
        self, lanes: Iterable[Lane], partitions: int, postbox: Postbox, now: Callable[[], float] = time.time
    ) -> None:
        self._lanes = [lane for lane in lanes if lane.agent.timers is not None]
        self._partitions, self._postbox, self._now = partitions, postbox, now
        self._sent: dict[Lane, tuple[bytes, float]] = {}

    async def run(self) -> None:
        """Look for what is due, until cancelled."""
        while self._lanes:
            for lane in self._lanes:
                await self.look(lane)
            await asyncio.sleep(EVERY)
        await asyncio.Event().wait()

    async def look(self, lane: Lane) -> None:
        """Send a tick if something is due on a lane, and it did not just get one for it."""
        assert lane.agent.timers is not None  # noqa: S101 - chosen so
        now, first = self._now(), lane.rows.due[lane.agent.timers].first()
        if first is None or due_of(first)[0] > now * 1000:
            return
        before, at = self._sent.get(lane, (b"", 0.0))
        if before == first and now - at < AGAIN:
            return
        self._sent[lane] = first, now
        source = lane.source
        try:
            letter = tick(source.partition, self._partitions, first)
            await self._postbox.deliver(source.topic, [letter], source.partition)
        except Undelivered as wrong:
            log.warning("no tick for %s-%s: %s", source.topic, source.partition, wrong)
