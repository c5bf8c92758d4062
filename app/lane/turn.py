"""What a handler sees: one record, the rows of its partition, and the places it may write to.

Everything that a turn writes stays in memory until the cycle's transaction has committed. A handler that raises
leaves nothing behind but its dead letter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.lane.declare import Headers, Index, Record, Row, Table, Topic, TopicTable
from app.lane.partition import partition_of
from app.lane.rows import Entry, decoded

if TYPE_CHECKING:
    from app.lane.declare import AnyTable
    from app.lane.plan import Plan
    from app.lane.rows import Rows

Output = tuple[bytes | None, bytes | None, Headers]  # key, value, headers
Emitted = list[Output]
Outputs = dict[tuple[str, int], Emitted]  # by topic and partition, in the order in which they were emitted
_FRAMING = 100  # bytes of a record batch around key and value, generously
_LETTER = 16_000  # bytes that a dead letter has beside its record: of one that lies nowhere, all must fit
NEVER_STORED = -1  # the offset of what was handed over
HANDED_AT_MOST = 10_000  # that follow from one record: an order's 2,000 lines, with room


class TooLarge(Exception):  # noqa: N818 - what happened to an output
    """An output that the broker would refuse. It is found before the transaction opens."""


Set = tuple[dict[bytes, Entry], bytes, Entry | None]  # where, which key, and what was there before


class Turn:
    """One record's turn. The same object serves all turns of a cycle, one after the other.

    It is called several times a record: what can be done once a cycle or once a lane is done there.
    """

    __slots__ = (
        "_agents", "_changed", "_changelog", "_declared", "_derived", "_here", "_local", "_max", "_partitions",
        "_prefix", "_rows", "handed", "now", "now_ms", "outputs", "record", "steps",
    )  # fmt: skip

    def __init__(self, plan: Plan, partitions: int, max_record_bytes: int) -> None:
        self.record: Record
        self.now = ""  # RFC 3339, UTC: when the cycle began, which is when its records are decided
        self.now_ms = 0
        self.outputs: Outputs = {}
        self.steps: list[
            Emitted | list[Record] | Set
        ] = []  # what the record in hand has done so far; cleared when it is done
        self.handed: list[Record] = []  # to be decided behind the record in hand
        self._agents = plan.agents
        self._prefix = plan.prefix
        self._derived = plan.derived
        self._changelog = plan.changelog
        self._local = plan.local
        self._declared = plan.emitted
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

    def scan(self, table: Table[Row], start: bytes, until: bytes, limit: int) -> list[tuple[bytes, Row]]:
        """Return at most `limit` rows with start <= key < until, in the order of their keys, with all changes."""
        return self._rows.scan(table, start, until, limit)

    def put(self, table: Table[Row], key: bytes, row: Row) -> None:
        """Set a row. It must not be mutated afterwards. Raises TooLarge."""
        value = table.encode(row)
        self._check(table.name, key, value)
        self._set(table, key, (row, value))

    def delete(self, table: Table[Any], key: bytes) -> None:
        if type(key) is not bytes:
            raise _not_bytes(table.name, key, b"")
        self._set(table, key, (None, None))

    def emit(self, topic: Topic, key: bytes, value: bytes, headers: Headers = ()) -> None:
        """Send a record, when and if this turn's transaction commits. Raises TooLarge."""
        name = topic.name
        if type(key) is not bytes or type(value) is not bytes:
            raise _not_bytes(name, key, value)
        size = len(key) + len(value)
        for header, content in headers:
            if type(header) is not str or type(content) is not bytes:
                raise TypeError(f"a header for {name} must be (str, bytes), and is {(header, content)}")
            size += len(header.encode()) + len(content) + 10  # as written: it raises for a lone surrogate
        if size > self._max:
            raise self._too_large(name, size)
        if name in self._local or key == self.record.key:
            self._add(name, (key, value, headers))
        else:
            if name not in self._declared:
                raise _undeclared(name)
            self._send(name, partition_of(key, self._partitions), (key, value, headers))
        for table in self._derived.get(name, ()):
            row_key, stored = table.row(key, value)
            self._set(table, row_key, (None, stored))

    def hand_over(self, topic: Topic, key: bytes, value: bytes, headers: Headers = ()) -> None:
        """Say something to another agent: to the one of `topic`.

        If the key lives on this lane's own partition, it is decided right behind this record, in the same transaction,
        and never stored; a failure of it is a dead letter of its own. Otherwise, or if that agent does not run here,
        it goes by the topic. So what one key says to another keeps its order. Raises TooLarge.
        """
        partition = self._rows.partition
        if topic.name not in self._agents or partition_of(key, self._partitions) != partition:
            self.emit(topic, key, value, headers)
            return
        if len(self.handed) >= HANDED_AT_MOST:
            raise RecursionError(f"what is handed over for {topic.name} has no end")
        if len(key) + len(value) > self._max - _LETTER:
            raise self._too_large(topic.name, len(key) + len(value))
        self.handed.append(Record(topic.name, partition, NEVER_STORED, self.now_ms, key, value, headers))
        self.steps.append(self.handed)

    def index(self, index: Index[Row], of: bytes, key: bytes, row: Row | None) -> None:
        """Set a row of an index (None deletes it) on the partition of the key `of`. Raises TooLarge.

        It is there a moment after this turn's transaction commits.
        """
        value = None if row is None else index.encode(row)
        self._check(index.name, key, b"" if row is None else value)
        if type(of) is not bytes:
            raise _not_bytes(index.name, of, value)
        topic = self._changelog.get(index)
        if topic is None:
            raise LookupError(f"index {index.name} is in no agent's `tables`: nobody would follow it")
        self._send(topic, partition_of(of, self._partitions), (self._prefix[index] + key, value, ()))

    # ------------------------------------------------------------ for the cycle

    def begin(self, now: str, now_ms: int) -> None:
        """A new cycle."""
        self.now, self.now_ms = now, now_ms
        self.outputs = {}
        self.steps.clear()

    def enter(self, rows: Rows) -> None:
        """The records that follow are of this partition."""
        self._rows = rows
        self._changed = rows.changed
        self._here: dict[str, Emitted] = {}  # what goes to this partition number, by topic

    def undo(self) -> None:
        """Take back whatever the record in hand did so far."""
        for step in reversed(self.steps):
            if isinstance(step, list):
                step.pop()
                continue
            entries, key, before = step
            if before is None:
                del entries[key]
            else:
                entries[key] = before
        self.steps.clear()

    def bury(self, topic: str, letter: Output) -> None:
        """Write a dead letter, which is known to fit, on the lane's own partition."""
        self._add(topic, letter)

    def _send(self, topic: str, partition: int, output: Output) -> None:
        records = self.outputs.get((topic, partition))
        if records is None:
            records = self.outputs[topic, partition] = []
        records.append(output)
        self.steps.append(records)

    def _add(self, topic: str, output: Output) -> None:
        records = self._here.get(topic)
        if records is None:
            if topic not in self._declared:
                raise _undeclared(topic)
            records = self._here[topic] = self.outputs.setdefault((topic, self._rows.partition), [])
        records.append(output)
        self.steps.append(records)

    def _check(self, where: str, key: object, value: object) -> None:
        """Refuse what is no row, and what the broker would refuse."""
        if type(key) is not bytes or type(value) is not bytes:
            raise _not_bytes(where, key, value)
        if len(key) + len(value) > self._max:
            raise self._too_large(where, len(key) + len(value))

    def _set(self, table: AnyTable, key: bytes, entry: Entry) -> None:
        entries = self._changed[table]
        self.steps.append((entries, key, entries.get(key)))
        entries[key] = entry

    def _too_large(self, where: str, size: int) -> TooLarge:
        return TooLarge(f"a record of {size} bytes for {where} is above the limit of {self._max}")


def _undeclared(topic: str) -> LookupError:
    return LookupError(f"topic {topic} is in no agent's `emits`: it would be neither created nor checked")


def _not_bytes(where: str, key: object, value: object) -> TypeError:
    return TypeError(f"key and value for {where} must be bytes, and are {type(key)} and {type(value)}")
