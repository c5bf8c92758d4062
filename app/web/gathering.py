"""A list that lies on all partitions: each worker reads those that it owns, and asks the other owners for theirs.

One request goes to each owner, with the partitions that it shall answer for (the hop header marks it: it goes no
further). Rows are merged by their keys, and never more of them are kept than a page has. Whoever is slow, moving or
lost does not fail the page: after `PATIENCE` it says which partitions are missing.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
from aiohttp import web

from app.web.forwarding import HOP
from app.web.parameters import whole_number
from app.web.problem import MALFORMED_REQUEST, PARTITION_MOVING, Fault, Problem
from app.web.routing import FIRST_PAUSE, LONGEST_PAUSE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from app.lane.declare import AnyTable
    from app.web.lanes import Reader
    from app.web.routing import Router

PATIENCE: Final = 2.0  # seconds that a page waits for all owners
ATTEMPT: Final = 1.0  # seconds that one owner gets
PARTITIONS: Final = "Orderlane-Partitions"  # on a request to an owner: those that it shall answer for
_BREATH: Final = 16  # partitions that are read before others get their turn

Row = tuple[bytes, bytes]


class Found(NamedTuple):
    """Rows of one partition, in the order of their keys. `upto`: the last key that was looked at, if there are more."""

    rows: Sequence[Row]
    upto: bytes | None = None


class Wanted(NamedTuple):
    """What a page is made of. `read` gets the readers of the tables, and a range of keys: start <= key < until.

    It returns at most `most` rows, which is one more than a page has. `add`: what two partitions have under one key.
    """

    tables: tuple[AnyTable, ...]
    start: bytes
    until: bytes
    most: int
    read: Callable[[Sequence[Reader], bytes, bytes, int], Found]
    add: Callable[[bytes, bytes], bytes]


class Part(msgspec.Struct, array_like=True):
    """What one worker answers to another."""

    rows: list[Row]
    upto: bytes | None
    missing: list[int]


class Gathered:
    """The first rows of all partitions, so far as they were read. `missing`: those that were not."""

    def __init__(self, wanted: Wanted, missing: Iterable[int]) -> None:
        self._wanted = wanted
        self._rows: dict[bytes, bytes] = {}
        self.until = wanted.until  # no row from here on can be among the first
        self.upto: bytes | None = None
        self.missing = set(missing)

    def add(self, found: Found, partitions: Iterable[int]) -> None:
        """Take what was found in these partitions."""
        self.missing.difference_update(partitions)
        rows = self._rows
        for key, value in found.rows:
            rows[key] = self._wanted.add(rows[key], value) if key in rows else value
        if found.upto is not None:
            self.upto = found.upto if self.upto is None else min(self.upto, found.upto)
        if len(rows) > self._wanted.most:
            self._rows = rows = dict(sorted(rows.items())[: self._wanted.most])
        if len(rows) == self._wanted.most:
            self.until = min(self.until, max(rows) + b"\0")

    def rows(self) -> list[Row]:
        """Return the rows in the order of their keys, without those that others may yet come before."""
        return [(key, self._rows[key]) for key in sorted(self._rows) if self.upto is None or key <= self.upto]


_encode_part = msgspec.msgpack.Encoder().encode
_decode_part = msgspec.msgpack.Decoder(Part).decode


class Gathering:
    """Gathers lists for the pages of one worker."""

    def __init__(self, router: Router) -> None:
        self._router, self._lanes = router, router.lanes

    async def gather(self, request: web.Request, wanted: Wanted) -> Gathered:
        """Return the first rows of all partitions. Raises `Problem` when not one of them can be read in time."""
        self._router.require(*wanted.tables)
        clock = asyncio.get_running_loop().time
        deadline, pause = clock() + PATIENCE, FIRST_PAUSE
        gathered = Gathered(wanted, range(self._lanes.partitions))
        while True:
            await self._read(gathered, wanted)
            await self._ask_others(request, gathered, min(ATTEMPT, deadline - clock()))
            if not gathered.missing or clock() + pause >= deadline:
                break
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        if len(gathered.missing) == self._lanes.partitions:
            raise Problem(
                PARTITION_MOVING,
                f"no partition had a ready owner for {PATIENCE:g} s",
                headers={"Retry-After": "1"},
            )
        return gathered

    async def part(self, request: web.Request, wanted: Wanted) -> web.Response | None:
        """Return the answer to another worker that gathers; None when nobody does."""
        if HOP not in request.headers:
            return None
        self._router.require(*wanted.tables)
        gathered = Gathered(wanted, self._named(request))
        await self._read(gathered, wanted)
        part = Part(gathered.rows(), gathered.upto, sorted(gathered.missing))
        return web.Response(body=_encode_part(part), content_type="application/msgpack")

    async def _read(self, gathered: Gathered, wanted: Wanted) -> None:
        """Read the missing partitions that are ours. Nothing is awaited between finding rows and reading them."""
        for count, partition in enumerate(sorted(gathered.missing), 1):
            readers = [self._lanes.reader(table, partition) for table in wanted.tables]
            there = [each for each in readers if each is not None]
            if len(there) == len(readers):
                found = wanted.read(there, wanted.start, gathered.until, wanted.most)
                gathered.add(found, (partition,))
            if count % _BREATH == 0:
                await asyncio.sleep(0)

    async def _ask_others(self, request: web.Request, gathered: Gathered, seconds: float) -> None:
        by_owner: dict[str, list[int]] = defaultdict(list)
        for partition in sorted(gathered.missing):
            owner = self._lanes.owner_url(partition)
            if owner is not None and owner != self._router.own_url:
                by_owner[owner].append(partition)
        asked = [self._ask(request, owner, partitions, seconds) for owner, partitions in by_owner.items()]
        for partitions, part in zip(by_owner.values(), await asyncio.gather(*asked), strict=True):
            if part is not None:
                gathered.add(Found(part.rows, part.upto), set(partitions).difference(part.missing))

    async def _ask(
        self, request: web.Request, owner: str, partitions: list[int], seconds: float
    ) -> Part | None:
        headers = {HOP: "1", PARTITIONS: ",".join(map(str, partitions))}
        body = await self._router.forwarder.ask(owner, request.rel_url.raw_path_qs, headers, seconds)
        try:
            return None if body is None else _decode_part(body)
        except msgspec.MsgspecError:
            return None

    def _named(self, request: web.Request) -> list[int]:
        last = self._lanes.partitions - 1
        number = whole_number(0, last)
        try:
            return [number(each) for each in request.headers.get(PARTITIONS, "").split(",")]
        except ValueError as wrong:
            raise Problem(MALFORMED_REQUEST, str(wrong), faults=[Fault(PARTITIONS, str(wrong))]) from None
