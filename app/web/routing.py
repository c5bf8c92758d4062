"""Any worker answers anything: from its own rows, or through the worker that owns them.

1. This worker is the ready owner of the partition: `read` answers. Nothing is awaited between finding the
   rows and reading them, so they cannot change or move in between.
2. Another one is: the request goes there as it came (method, path, query, headers, body) and its answer
   comes back as it is. The hop header marks it, so that it is forwarded once: a worker that cannot answer
   says so and sends it no further.
3. The partition moves: ask again, at growing intervals, until `PATIENCE` ends in a 503 with `Retry-After`.

Invariant: an answer comes from the rows of a ready owner; whoever cannot reach one answers 503.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, TypeVar

from app.web.forwarding import HOP, NOT_OWNER, Forwarder
from app.web.problem import NOT_KEPT, NOT_THE_OWNER, PARTITION_MOVING, Problem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp import web

    from app.lane.declare import AnyTable
    from app.web.lanes import Lanes, Reader

PATIENCE: Final = 5.0  # seconds that a request waits for an owner that can answer
ATTEMPT: Final = 2.0  # seconds that one owner gets: a frozen one accepts connections and stays silent
FIRST_PAUSE: Final = 0.02  # seconds; doubled after each attempt
LONGEST_PAUSE: Final = 0.32

Answer = TypeVar("Answer")


class Router:
    """Finds the worker that may answer. One for all resources of a worker."""

    def __init__(self, lanes: Lanes, own_url: str) -> None:
        self.lanes = lanes
        self.own_url = own_url
        self.forwarder = Forwarder()

    def require(self, *tables: AnyTable) -> None:
        """Raise the problem that names a table whose agent does not run. All workers run the same ones."""
        for table in tables:
            if not self.lanes.keeps(table):
                raise Problem(NOT_KEPT, f"no agent that runs here keeps the table {table.name}")

    async def answer(
        self,
        request: web.Request,
        key: bytes,
        table: AnyTable,
        read: Callable[[Reader], web.Response],
    ) -> web.StreamResponse:
        """Answer with `read` of the table's rows, here or at the owner of the partition of `key`."""
        self.require(table)
        partition = self.lanes.partition_of(key)
        reader = self.lanes.reader(table, partition)
        if reader is not None:
            return read(reader)
        if HOP in request.headers:
            raise Problem(
                NOT_THE_OWNER,
                f"partition {partition} is not here",
                headers={NOT_OWNER: "1", "Retry-After": "1"},
            )
        body = await request.read() if request.can_read_body else None
        return await self._find(
            partition,
            table,
            read,
            lambda owner, seconds: self.forwarder.forward(request, owner, body, seconds),
        )

    async def knows(self, key: bytes, table: AnyTable, path: str) -> bool:
        """Return whether a table has a row, which its owner serves at `path`. Raises `Problem` if no owner can tell."""
        partition = self.lanes.partition_of(key)
        reader = self.lanes.reader(table, partition)
        if reader is not None:
            return reader.get(key) is not None
        return await self._find(
            partition,
            table,
            lambda rows: rows.get(key) is not None,
            lambda owner, seconds: self.forwarder.has(owner, path, seconds),
        )

    async def _find(
        self,
        partition: int,
        table: AnyTable,
        here: Callable[[Reader], Answer],
        there: Callable[[str, float], Awaitable[Answer | None]],
    ) -> Answer:
        clock = asyncio.get_running_loop().time
        deadline = clock() + PATIENCE
        pause = FIRST_PAUSE
        while True:
            owner = self.lanes.owner_url(partition)
            # Ours, not recovered yet: no use to ask ourselves.
            if owner is not None and owner != self.own_url:
                answer = await there(owner, min(ATTEMPT, deadline - clock()))
                if answer is not None:
                    return answer
            if clock() + pause >= deadline:
                raise Problem(
                    PARTITION_MOVING,
                    f"partition {partition} had no ready owner for {PATIENCE:g} s",
                    headers={"Retry-After": "1"},
                )
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            reader = self.lanes.reader(table, partition)
            if reader is not None:
                return here(reader)
