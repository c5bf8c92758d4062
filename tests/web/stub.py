"""A stand-in for the engine: rows in memory, and owners that a test moves as it likes."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import faust
from aiohttp.test_utils import TestServer

from app.lane.partition import partition_of
from app.web.site import routes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from app.lane.declare import AnyTable
    from app.web.lanes import Lanes, Reader

PARTITIONS = 4


class Rows:
    """The committed rows of a table in a partition."""

    def __init__(self) -> None:
        self.rows: dict[bytes, bytes] = {}

    def get(self, key: bytes) -> bytes | None:
        """Return the row of a key."""
        return self.rows.get(key)

    def scan(self, from_key: bytes, until: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        """Return rows in the order of their keys."""
        keys = sorted(self.rows)
        first, end = bisect_left(keys, from_key), bisect_left(keys, until)
        return [(key, self.rows[key]) for key in keys[first:end][:limit]]


class Group:
    """The workers' group: who owns which partition (a name, or nobody), where they are, what is stored."""

    def __init__(self) -> None:
        self.owners: dict[int, str | None] = dict.fromkeys(range(PARTITIONS), "w1")
        self.recovering: set[int] = set()
        self.urls: dict[str, str] = {}
        self.tables: dict[tuple[str, int], Rows] = defaultdict(Rows)

    def rows(self, table: AnyTable, key: bytes) -> dict[bytes, bytes]:
        """Return the rows beside which a key belongs, to read or write."""
        return self.tables[table.name, partition_of(key, PARTITIONS)].rows

    def give_all_to(self, owner: str | None) -> None:
        """Move every partition."""
        self.owners = dict.fromkeys(range(PARTITIONS), owner)


class StubLanes:
    """One worker's side of the group."""

    def __init__(self, group: Group, name: str) -> None:
        self.group = group
        self.name = name
        self.answered = 0  # readers that were handed out
        self.asked = 0  # and asked for
        self.without_commit: dict[int, float] = {}  # seconds, by partition
        self.left_out: set[str] = set()  # tables whose agents do not run here

    @property
    def partitions(self) -> int:
        """Return how many there are."""
        return PARTITIONS

    def keeps(self, table: AnyTable) -> bool:
        """Return whether the table is here."""
        return table.name not in self.left_out

    def reader(self, table: AnyTable, partition: int) -> Reader | None:
        """Return the rows when this worker is the ready owner."""
        self.asked += 1
        if self.group.owners[partition] != self.name or partition in self.group.recovering:
            return None
        self.answered += 1
        return self.group.tables[table.name, partition]

    def owner_url(self, partition: int) -> str | None:
        """Return where the owner is."""
        owner = self.group.owners[partition]
        return None if owner is None else self.group.urls[owner]

    def partition_of(self, key: bytes) -> int:
        """Return the partition of a key."""
        return partition_of(key, PARTITIONS)

    def status(self) -> dict[str, Any]:
        """Return what /readyz shows."""
        mine = [number for number, owner in self.group.owners.items() if owner == self.name]
        ready = bool(mine) and not self.group.recovering & set(mine)
        return {"generation": 1, "active": mine, "standby": [], "ready": ready}

    def stuck(self, seconds: float) -> Sequence[int]:
        """Return the partitions that the test says did not commit for longer."""
        return [partition for partition, waited in self.without_commit.items() if waited > seconds]


class StubApp(faust.App):
    """A Faust app that never starts: only its web server does."""

    lanes: Lanes


@asynccontextmanager
async def served(group: Group, name: str) -> AsyncIterator[tuple[TestServer, StubLanes]]:
    """Serve the whole site of one worker of the group."""
    app = StubApp(f"stub-{name}", broker="kafka://127.0.0.1:1")
    app.lanes = lanes = StubLanes(group, name)
    routes(app)
    server = TestServer(app.web.web_app)  # type: ignore[attr-defined] # the aiohttp driver has it
    await server.start_server()
    group.urls[name] = str(server.make_url("/")).rstrip("/")
    try:
        yield server, lanes
    finally:
        await server.close()
