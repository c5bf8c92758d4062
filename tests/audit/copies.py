"""What an audit reads, as plain values: a copy of a system's topics and tables, to be spoilt by tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.cli.audit.auditing import EVENTS, TABLES, Audit
from app.cli.audit.rows import Row
from tests.agents.system import PARTITIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.cli.audit.auditing import Result
    from app.lane.declare import AnyTable, Record
    from tests.agents.system import System

Rows = dict[bytes, Row]
NOW_MS = 10**12  # long after everything


@dataclass
class Copy:
    """A `Source`. `tables`: by table and partition."""

    topics: dict[str, list[Record]]
    tables: dict[tuple[AnyTable, int], Rows]
    partitions: int = PARTITIONS

    async def events(self, topic: str, partition: int, take: Callable[[Record], None]) -> None:
        for record in self.topics[topic]:
            if record.partition == partition:
                take(record)

    async def rows(self, tables: Sequence[AnyTable], partition: int) -> dict[AnyTable, Rows]:
        return {table: dict(self.tables[table, partition]) for table in tables}

    async def audit(self, *, quiet: bool = True, now_ms: int = NOW_MS) -> Result:
        return await Audit(self, now_ms, quiet=quiet).run()

    def copy(self) -> Copy:
        return Copy(
            {name: list(records) for name, records in self.topics.items()},
            {at: dict(rows) for at, rows in self.tables.items()},
        )


def copy_of(system: System) -> Copy:
    """Return what an audit of a system would read."""
    tables: dict[tuple[AnyTable, int], Rows] = {}
    for table in TABLES:
        prefix = system.plan.prefix[table]
        for number in range(PARTITIONS):
            stored = system._stores.open(number).scan(prefix, prefix + b"\xff", 10**6)
            rows = {
                key.removeprefix(prefix): Row(value, 0) for key, value in stored if key.startswith(prefix)
            }
            tables[table, number] = rows
    return Copy({name: list(system.topics[name]) for name in EVENTS}, tables)
