"""Lists that rows leave at their heads: put in and taken out so that a reader finds the first row at once.

The head is looked for again when something leaves and the last look is `EVERY_MS` old: the marks that a reader passes
are those of that time, however long the list has been in use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from app.views.heads import Head

if TYPE_CHECKING:
    from app.lane.declare import Table
    from app.lane.turn import Turn

EVERY_MS: Final = 10_000


class Queue(NamedTuple):
    """The rows of some lists, and where each of them begins (key: what the keys of a list begin with)."""

    rows: Table[Any]
    heads: Table[Head]


def enter(turn: Turn, queue: Queue, of: bytes, key: bytes, row: Any) -> None:
    """Set a row of the list whose keys begin with `of`."""
    turn.put(queue.rows, key, row)
    head = turn.get(queue.heads, of)
    if head is not None and key < head.first:
        turn.put(queue.heads, of, Head(first=key, at_ms=head.at_ms))


def leave(turn: Turn, queue: Queue, of: bytes, key: bytes) -> None:
    """Delete a row of the list whose keys begin with `of`."""
    turn.delete(queue.rows, key)
    head = turn.get(queue.heads, of)
    if head is not None and abs(turn.now_ms - head.at_ms) < EVERY_MS:
        return
    left = turn.scan(queue.rows, of if head is None else head.first, key, 1)
    turn.put(queue.heads, of, Head(first=left[0][0] if left else key, at_ms=turn.now_ms))
