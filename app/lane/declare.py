"""What an application declares: its topics, its tables and its agents. Nothing here talks to Kafka.

Declarations are plain values. `app.lane.app.LaneApp` turns them into a Faust app; a test can call an agent's
handler with a `Turn` of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from datetime import timedelta

    from app.lane.turn import Turn

Headers = Sequence[tuple[str, bytes]]
Row = TypeVar("Row")
Input = TypeVar("Input")


class Record(NamedTuple):
    """One record of a source topic, as the broker delivered it. `timestamp` is in milliseconds."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


class Keep(StrEnum):
    """What a topic must never lose: decides which deviations refuse the start (see `app.lane.admin`)."""

    EVERYTHING = "everything"  # cleanup.policy=delete, retention for ever
    LATEST = "latest"  # cleanup.policy=compact: the last record of each key
    A_WHILE = "a-while"  # cleanup.policy=delete, bounded retention


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic and the settings that it is created with and checked against.

    `partitions` is not here: every topic of an application has the same number, which is a setting.
    """

    name: str
    keep: Keep
    retention: timedelta | None = None  # for Keep.A_WHILE
    settings: dict[str, str] = field(default_factory=dict, hash=False)  # any further topic configuration


@dataclass(frozen=True, slots=True, eq=False)
class Table(Generic[Row]):
    """A keyed table of one partition number: RocksDB, with a compacted changelog topic of its own.

    Only a turn writes to it. `encode` and `decode` translate a row to and from the bytes that the
    changelog and RocksDB hold.
    """

    name: str
    encode: Callable[[Row], bytes]
    decode: Callable[[bytes], Row]


@dataclass(frozen=True, slots=True, eq=False)
class TopicTable(Generic[Row]):
    """A table that *is* a topic: what a lane emits to `topic` becomes a row, and so does what recovery reads.

    `row(key, value)` gives the row's key and bytes, for a record's key and value. Nobody puts into it, and
    there is no second write: the topic is the changelog. Everything that an agent emits to `topic` stays on
    the partition number of its lane, whatever the key.

    Where the topic's retention is bounded, `written(row)` tells when a row was (RFC 3339, UTC, milliseconds): older
    ones are forgotten, as the topic forgets them (see `app.lane.sweeper`).
    """

    name: str
    topic: Topic
    row: Callable[[bytes, bytes], tuple[bytes, bytes]]
    decode: Callable[[bytes], Row]
    written: Callable[[bytes], str] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Index(Generic[Row]):
    """A table that lanes of all partitions write to, so that it can be asked by another key than theirs.

    `turn.index(index, of, key, row)` sets a row on the partition of the key `of`. Its compacted changelog is the way
    there: the owner of that partition follows it, and has the row a moment after the commit. No lane reads it.
    All changes of one row must come from one lane, which keeps them in order.
    """

    name: str
    encode: Callable[[Row], bytes]
    decode: Callable[[bytes], Row]


AnyTable = Table[Any] | TopicTable[Any] | Index[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Agent(Generic[Input]):
    """A source topic, how its records are decoded, and the handler that decides each of them.

    `decode` raises `Undecodable` for a record that no handler can decide; any other exception of `decode` or
    of the handler is a bug. Both become a dead letter, in the transaction that moves the source's position.
    `timers`: one of its tables, whose rows are due at a time; then it gets ticks (see `app.lane.ticks`).
    """

    name: str
    source: Topic
    decode: Callable[[Record], Input]
    handler: Callable[[Input, Turn], None]
    tables: tuple[AnyTable, ...]
    emits: tuple[Topic, ...]
    help: str
    timers: Table[Any] | None = None


class Undecodable(Exception):  # noqa: N818 - an outcome with a code, not a programming error
    """A record that cannot be decided. `code` is stable, `detail` says what its producer must change."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


def agent(
    source: Topic,
    *,
    decode: Callable[[Record], Input],
    tables: Iterable[AnyTable] = (),
    emits: Iterable[Topic] = (),
    timers: Table[Any] | None = None,
) -> Callable[[Callable[[Input, Turn], None]], Agent[Input]]:
    """Declare a function as the agent of a source topic. Its name (kebab-case) and docstring are the agent's."""

    def declare(handler: Callable[[Input, Turn], None]) -> Agent[Input]:
        return Agent(
            name=handler.__name__.replace("_", "-"),
            source=source,
            decode=decode,
            handler=handler,
            tables=tuple(tables),
            emits=tuple(emits),
            help=(handler.__doc__ or "").strip(),
            timers=timers,
        )

    return declare
