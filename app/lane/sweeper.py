"""Rows that have outlived their topic: a table that is a topic with bounded retention forgets what the topic forgot.

The brokers delete old records of such a topic, but RocksDB would keep their rows for ever. The sweeper goes round the
databases of a worker, a few hundred rows at a time, and deletes what is older than the topic's retention. Nothing is
written to Kafka: each worker comes to the same rows on its own.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from app.lane.declare import TopicTable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from app.lane.plan import Plan
    from app.lane.store import Store, Stores

_ROWS = 500  # a slice: well below a millisecond
_PAUSE, _REST = 0.5, 600.0  # seconds between two slices, and between two rounds


async def sweep(plan: Plan, stores: Stores, partitions: Collection[int]) -> None:
    """Go round the databases of these partitions until cancelled."""
    tables = [
        t for t in plan.tables if isinstance(t, TopicTable) and t.written is not None and t.topic.retention
    ]
    while True:
        for table in tables:
            for partition in partitions:
                for _ in sweep_once(stores.open(partition), table, plan.prefix[table], datetime.now(UTC)):
                    await asyncio.sleep(_PAUSE)
        for (
            partition
        ) in partitions:  # a crash costs what is not on the disk: keep it little, however quiet it is
            stores.open(partition).flush()
            await asyncio.sleep(_PAUSE)
        await asyncio.sleep(_REST)


def sweep_once(store: Store, table: TopicTable[Any], prefix: bytes, now: datetime) -> Iterator[int]:
    """Delete the expired rows of one database. Yields after each slice how many rows it deleted."""
    assert table.written is not None  # noqa: S101 - the caller looked
    assert table.topic.retention is not None  # noqa: S101 - as above
    oldest = (now - table.topic.retention).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    start, until = prefix, prefix[:-1] + b"\x01"
    while True:
        rows = store.scan(start, until, _ROWS)
        expired = [(key, None) for key, value in rows if table.written(value) < oldest]
        if expired:
            store.apply(expired, ())
        yield len(expired)
        if len(rows) < _ROWS:
            return
        start = rows[-1][0] + b"\0"
