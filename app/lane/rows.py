"""The rows of one partition, as handlers see them: what is committed, and what the cycles under way changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.lane.declare import Table
from app.lane.ticks import Due

if TYPE_CHECKING:
    from app.lane.declare import AnyTable, TopicTable
    from app.lane.plan import Plan
    from app.lane.store import Store

Entry = tuple[Any, bytes | None]  # a row and its bytes; (None, None) is a deleted one
Changes = dict["AnyTable", dict[bytes, Entry]]


class Rows:
    """The rows of one partition, as a turn sees them: what this cycle changed, over what the cycle before it
    changed and is now committing, over what is committed.
    """

    __slots__ = (
        "_cap", "_decoded", "_flying", "_older", "_plan", "_prefix", "changed", "due", "partition", "store"
    )  # fmt: skip

    def __init__(self, partition: int, store: Store, plan: Plan, cap: int) -> None:
        self.partition = partition
        self.store = store
        self.changed: Changes = {table: {} for table in plan.tables}
        self._flying: Changes = {table: {} for table in plan.tables}
        self._plan, self._prefix = plan, plan.prefix
        # decoded rows of two generations: when the younger is full it becomes the older one
        self._decoded: dict[bytes, Any] = {}
        self._older: dict[bytes, Any] = {}
        self._cap = cap
        self.due = {table: Due(self, table) for table in plan.timers}

    def before(self, table: Table[Any] | TopicTable[Any], key: bytes) -> Any:
        """Return a row as it was before this cycle, decoded, or None."""
        entry = self._flying[table].get(key)
        if entry is not None:
            return decoded(table, entry)
        at = self._prefix[table] + key
        row = self._decoded.get(at)
        if row is None:
            row = self._older.get(at)
            if row is None:
                stored = self.store.get(at)
                if stored is None:
                    return None
                row = table.decode(stored)
            if type(table) is Table:  # rows of a topic table are rarely asked for twice
                self._remember(at, row)
        return row

    def scan(self, table: AnyTable, start: bytes, until: bytes, limit: int) -> list[tuple[bytes, Any]]:
        """Return at most `limit` rows with start <= key < until, decoded, in the order of their keys."""
        prefix, cut = self._prefix[table], len(self._prefix[table])
        changed: dict[bytes, Entry] = {
            key: entry
            for entries in (self._flying[table], self.changed[table])
            for key, entry in entries.items()
            if start <= key < until
        }
        # as many more as the changes can take away
        stored = self.store.scan(prefix + start, prefix + until, limit + len(changed))
        found: dict[bytes, Entry] = {key[cut:]: (None, value) for key, value in stored} | changed
        keys = sorted([key for key, (_, value) in found.items() if value is not None])
        return [(key, decoded(table, found[key])) for key in keys[:limit]]

    def first(self, table: AnyTable, start: bytes) -> bytes | None:
        """Return the first committed key from `start` on."""
        prefix = self._prefix[table]
        found = self.store.scan(prefix + start, prefix[:-1] + b"\1", 1)
        return found[0][0][len(prefix) :] if found else None

    def launch(self) -> Changes:
        """Return this cycle's changes, which are about to be committed. The next cycle builds on them."""
        self._flying, self.changed = self.changed, {table: {} for table in self._plan.tables}
        return self._flying

    def landed(self) -> None:
        """What was launched is committed and in the store."""
        for table, entries in self._flying.items():
            if entries and type(table) is Table:
                prefix = self._prefix[table]
                for key, (row, _) in entries.items():
                    self._remember(prefix + key, row)
        for table, due in self.due.items():
            for key, (_, value) in self._flying[table].items():
                if value is not None:
                    due.set(key)
        self._flying = {table: {} for table in self._plan.tables}

    def _remember(self, at: bytes, row: Any) -> None:
        if row is None:
            self._decoded.pop(at, None)
            self._older.pop(at, None)
            return
        if len(self._decoded) >= self._cap:
            self._older, self._decoded = self._decoded, {}
        self._decoded[at] = row


def decoded(table: AnyTable, entry: Entry) -> Any:
    """Return the row of an entry. A topic table's is decoded only when somebody asks for it."""
    row, value = entry
    return table.decode(value) if row is None and value is not None else row
