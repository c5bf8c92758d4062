"""What one cycle works on: the records that it took, and what their handlers made of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from aiokafka import TopicPartition

    from app.lane.declare import Record
    from app.lane.lane import Lane
    from app.lane.turn import Changes, Output, Outputs, Rows


class Share(NamedTuple):
    """What one lane gave to a cycle, and the next position of its source after that."""

    lane: Lane
    records: list[Record]
    position: int


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
    now_ms: int = 0
    outputs: Outputs = field(default_factory=dict)
    changes: list[tuple[Rows, Changes]] = field(default_factory=list)
    next_offsets: dict[TopicPartition, int] = field(
        default_factory=dict
    )  # of what was sent, once acknowledged

    def positions_by_partition(self) -> dict[int, list[Output]]:
        """Return the records for the positions topic, for each of its partitions."""
        found: dict[int, list[Output]] = {}
        for source, position in self.positions.items():
            found.setdefault(source.partition, []).append((source.topic.encode(), b"%d" % position, ()))
        return found

    @property
    def positions(self) -> dict[TopicPartition, int]:
        return {share.lane.source: share.position for share in self.shares}
