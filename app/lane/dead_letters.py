"""What becomes of a record that could not be decided: its bytes as they came, and why, in headers.

Value, key and headers are the original ones, so that a redrive is a copy. The cause stands in headers that begin
with `dead-letter-`. A record too large to be copied is pointed at instead: `dead-letter-pointer` is `true`, and
topic, partition and offset say where it lies. Retries, parking and redrive will be built on top of this record.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Protocol

from app.lane.declare import Undecodable
from app.lane.turn import TooLarge

if TYPE_CHECKING:
    from app.lane.declare import Headers, Record
    from app.lane.turn import Output

PREFIX = "dead-letter-"
_TRACEBACK, _MESSAGE = 8000, 2000  # bytes kept: of a traceback the end, of a message the beginning


class Dated(Protocol):
    """A turn, or whatever else knows when it is."""

    @property
    def now(self) -> str:
        """Return the moment: RFC 3339, UTC."""


def dead_letter(
    turn: Dated,
    record: Record,
    agent: str,
    worker: str,
    error: Exception,
    *,
    attempt: int,
    limit: int,
) -> Output:
    """Return the output that buries a record. It always fits `limit` bytes."""
    trace = "".join(traceback.format_exception(error)).encode(errors="replace")
    facts: Headers = (
        ("topic", record.topic.encode()),
        ("partition", b"%d" % record.partition),
        ("offset", b"%d" % record.offset),
        ("agent", agent.encode()),
        ("attempt", b"%d" % attempt),
        ("code", code_of(error).encode()),
        ("exception", type(error).__qualname__.encode()),
        ("message", _message(error).encode(errors="replace")[:_MESSAGE]),
        ("traceback", b"" if isinstance(error, Undecodable) else trace[-_TRACEBACK:]),
        ("worker", worker.encode()),
        ("time", turn.now.encode()),
    )
    causes = [(PREFIX + name, value) for name, value in facts]
    size = sum(len(v or b"") for v in (record.key, record.value)) + sum(
        len(name.encode()) + len(value or b"") + 10 for name, value in (*record.headers, *causes)
    )
    if size > limit - 200:
        causes.append((PREFIX + "pointer", b"true"))
        key = record.key if record.key is not None and len(record.key) < limit // 2 else None
        return key, b"", causes
    return record.key, record.value, [*record.headers, *causes]


def _message(error: Exception) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - a `__str__` of somebody's, which must not stop the lane
        return "(it cannot be printed)"


def code_of(error: Exception) -> str:
    """Return the stable reason code of a failure."""
    if isinstance(error, Undecodable):
        return error.code
    return "too-large" if isinstance(error, TooLarge) else "failed"
