"""What a handler sees: one record, the rows of its partition, and the places it may write to.

Everything that a turn writes stays in memory until the cycle's transaction has committed. A handler that raises
leaves nothing behind but its dead letter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.lane.declare import Headers, Record, Row, Table, Topic, TopicTable
from app.lane.partition import partition_of

if TYPE_CHECKING:
    from app.lane.declare import AnyTable
    from app.lane.plan import Plan
    from app.lane.store import Store

Entry = tuple[Any, bytes | None]  # a row and its bytes; (None, None) is a deleted one
Output = tuple[str, int, bytes | None, bytes | None, Headers]  # topic, partition, key, value, headers
_FRAMING = 100  # bytes of a record batch around key and value, generously


class TooLarge(Exception):  # noqa: N818 - what happened to an output
    """An output that the broker would refuse. It is found before the transaction opens."""


Changes = dict["AnyTable", dict[bytes, Entry]]


class Rows:
    """The rows of one partition, as a turn sees them: what this cycle changed, over what the cycle before it
    changed and is now committing, over what is committed.
    """

    __slots__ = ("_cap", "_decoded", "_flying", "_older", "_plan", "changed", "partition", "store")

    def __init__(self, partition: int, store: Store, plan: Plan, cap: int) -> None:
        self.partition = partition
        self.store = store
        self.changed: Changes = {table: {} for table in plan.tables}
        self._flying: Changes = {table: {} for table in plan.tables}
        self._plan = plan
        # decoded rows of two generations: when the younger is full it becomes the older one
        self._decoded: dict[bytes, Any] = {}
        self._older: dict[bytes, Any] = {}
        self._cap = cap

    def before(self, table: Table[Any] | TopicTable[Any], key: bytes) -> Any:
        """Return a row as it was before this cycle, decoded, or None."""
        entry = self._flying[table].get(key)
        if entry is not None:
            return decoded(table, entry)
        at = self._plan.prefix[table] + key
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

    def launch(self) -> Changes:
        """Return this cycle's changes, which are about to be committed. The next cycle builds on them."""
        self._flying, self.changed = self.changed, {table: {} for table in self._plan.tables}
        return self._flying

    def landed(self) -> None:
        """What was launched is committed and in the store."""
        for table, entries in self._flying.items():
            if entries and type(table) is Table:
                prefix = self._plan.prefix[table]
                for key, (row, _) in entries.items():
                    self._remember(prefix + key, row)
        self._flying = {table: {} for table in self._plan.tables}

    def _remember(self, at: bytes, row: Any) -> None:
        if row is None:
            self._decoded.pop(at, None)
            self._older.pop(at, None)
            return
        if len(self._decoded) >= self._cap:
            self._older, self._decoded = self._decoded, {}
        self._decoded[at] = row


def decoded(table: Table[Any] | TopicTable[Any], entry: Entry) -> Any:
    """Return the row of an entry. A topic table's is decoded only when somebody asks for it."""
    row, value = entry
    return table.decode(value) if row is None and value is not None else row


class Turn:
    """One record's turn. The same object serves all turns of a cycle, one after the other."""

    __slots__ = (
        "_changed", "_derived", "_kept", "_local", "_max", "_partitions", "_rows", "_undo", "now", "now_ms",
        "outputs", "record",
    )  # fmt: skip

    def __init__(self, plan: Plan, partitions: int, max_record_bytes: int) -> None:
        self.record: Record
        self.now = ""  # RFC 3339, UTC: when the cycle began, which is when its records are decided
        self.now_ms = 0
        self.outputs: list[Output] = []
        self._kept = 0
        self._undo: list[tuple[dict[bytes, Entry], bytes, Entry | None]] = []
        self._derived = plan.derived
        self._local = plan.local
        self._partitions = partitions
        self._max = max_record_bytes - _FRAMING

    # ------------------------------------------------------------ for handlers

    @property
    def partition(self) -> int:
        """The partition number that this lane works on."""
        return self._rows.partition

    def get(self, table: Table[Row] | TopicTable[Row], key: bytes) -> Row | None:
        """Return a row, with all changes of earlier records, or None."""
        entry = self._changed[table].get(key)
        found: Row | None = self._rows.before(table, key) if entry is None else decoded(table, entry)
        return found

    def put(self, table: Table[Row], key: bytes, row: Row) -> None:
        """Set a row. It must not be mutated afterwards."""
        self._set(table, key, (row, self._measured(table.name, key, table.encode(row))))

    def delete(self, table: Table[Any], key: bytes) -> None:
        self._set(table, key, (None, None))

    def emit(self, topic: Topic, key: bytes, value: bytes, headers: Headers = ()) -> None:
        """Send a record, when and if this turn's transaction commits. Raises TooLarge."""
        name = topic.name
        self._measured(name, key, value, headers)
        partition = self._rows.partition
        if name not in self._local and key != self.record.key:
            partition = partition_of(key, self._partitions)
        self.outputs.append((name, partition, key, value, headers))
        for table in self._derived.get(name, ()):
            row_key, stored = table.row(key, value)
            self._set(table, row_key, (None, stored))

    # ------------------------------------------------------------ for the cycle

    def begin(self, now: str, now_ms: int) -> None:
        """A new cycle."""
        self.now, self.now_ms = now, now_ms
        self.outputs = []
        self._kept = 0
        self._undo.clear()

    def enter(self, rows: Rows) -> None:
        """The records that follow are of this partition."""
        self._rows = rows
        self._changed = rows.changed

    def keep(self) -> None:
        """The record is done; what it did stands."""
        self._kept = len(self.outputs)
        self._undo.clear()

    def undo(self) -> None:
        """Take back whatever the record did so far."""
        del self.outputs[self._kept :]
        for entries, key, before in reversed(self._undo):
            if before is None:
                del entries[key]
            else:
                entries[key] = before
        self._undo.clear()

    def _set(self, table: AnyTable, key: bytes, entry: Entry) -> None:
        entries = self._changed[table]
        self._undo.append((entries, key, entries.get(key)))
        entries[key] = entry

    def _measured(self, where: str, key: bytes, value: bytes, headers: Headers = ()) -> bytes:
        if type(key) is not bytes or type(value) is not bytes:
            raise TypeError(f"key and value for {where} must be bytes, and are {type(key)} and {type(value)}")
        size = len(key) + len(value)
        for header, content in headers:
            size += len(header) + len(content) + 10
        if size > self._max:
            raise TooLarge(f"a record of {size} bytes for {where} is above the limit of {self._max}")
        return value
