"""What one cycle works on: the records that it took, and what their handlers made of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from aiokafka import TopicPartition

from app.lane.declare import TopicTable
from app.lane.store import position_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.lane.declare import Record
    from app.lane.lane import Lane
    from app.lane.plan import Plan
    from app.lane.rows import Changes, Rows
    from app.lane.store import Change
    from app.lane.turn import Output, Outputs


class Share(NamedTuple):
    """What one lane gave to a cycle, and the next position of its source after that."""

    lane: Lane
    records: list[Record]
    position: int


class Moves(NamedTuple):
    """The positions of sources before and after a transaction; where each changelog of rows went on before it."""

    before: dict[TopicPartition, int]
    after: dict[TopicPartition, int]
    start: dict[TopicPartition, int]


@dataclass(slots=True)
class Stats:
    """What a worker's cycles have done since it started."""

    cycles: int = 0
    records: int = 0
    dead_letters: int = 0
    in_doubt: int = 0  # transactions whose outcome had to be looked up
    outage_at: float = float("-inf")  # monotonic time at which a broker last failed us


@dataclass(slots=True)
class Batch:
    """One cycle's work. It is decided once, and may be packed and sent more than once."""

    shares: list[Share]
    records: int = 0
    size: int = 0  # bytes of the records' values
    decided: int = 0  # shares
    now_ms: int = 0
    outputs: Outputs = field(default_factory=dict)
    changes: list[tuple[Rows, Changes]] = field(default_factory=list)
    next_offsets: dict[TopicPartition, int] = field(
        default_factory=dict
    )  # of what was sent, once acknowledged

    @property
    def undecided(self) -> list[Share]:
        """What was added since the handlers ran last."""
        return self.shares[self.decided :]

    def add(self, share: Share) -> None:
        """Take what a lane gives. A lane may give more than once."""
        self.shares.append(share)
        self.records += len(share.records)
        self.size += sum([len(record.value or b"") for record in share.records])

    def writes(self, plan: Plan) -> Iterator[tuple[Rows, list[Change], list[tuple[str, int]]]]:
        """Return, for each partition, the rows to store and the next offsets of the changelogs that they came by."""
        positions = self._positions()
        for rows, changed in self.changes:
            changes: list[Change] = [
                (plan.prefix[table] + key, value)
                for table, entries in changed.items()
                for key, (_, value) in entries.items()
            ]
            changes += positions[rows.partition]
            offsets = [
                (tp.topic, offset)
                for tp, offset in self.next_offsets.items()
                if tp.partition == rows.partition and tp.topic in plan.own
            ]
            yield rows, changes, offsets

    def outgoing(self, plan: Plan) -> Iterator[tuple[TopicPartition, Iterable[Output]]]:
        """Return everything to send, by partition: outputs, and changed rows with the positions of the sources."""
        for (topic, partition), records in self.outputs.items():
            if topic in plan.indexes and len(records) > 1:  # of each row the last word is enough
                yield TopicPartition(topic, partition), {record[0]: record for record in records}.values()
            else:
                yield TopicPartition(topic, partition), records
        positions = self._positions()
        for rows, changes in self.changes:
            changed: list[Output] = [
                (plan.prefix[table] + key, value, ())
                for table, entries in changes.items()
                if entries and not isinstance(table, TopicTable)  # whose rows were emitted already
                for key, (_, value) in entries.items()
            ]
            changed += [(key, value, ()) for key, value in positions[rows.partition]]
            yield TopicPartition(plan.rows_topic, rows.partition), changed

    def moves(self, plan: Plan) -> Moves:
        """Return what the batch's transaction moves."""
        return Moves(
            {share.lane.source: share.lane.position for share in self.shares},
            self.positions,
            {
                TopicPartition(plan.rows_topic, rows.partition): rows.store.next_offset(plan.rows_topic)
                for rows, _ in self.changes
            },
        )

    def _positions(self) -> dict[int, list[Change]]:
        """Return the rows that say where the sources go on, by partition."""
        found: dict[int, list[Change]] = defaultdict(list)
        for source, position in self.positions.items():
            found[source.partition].append((position_key(source.topic), b"%d" % position))
        return found

    @property
    def positions(self) -> dict[TopicPartition, int]:
        return {share.lane.source: share.position for share in self.shares}
