"""What was recorded of a run, as plain values: the only thing that the checkers see.

Nothing in here knows the engine. Messages are parsed with the json module, not with the product's wire code.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from app.lane.partition import partition_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COMMANDS = "order-commands"
EVENTS = "order-events"
OUTCOMES = "command-outcomes"
DEAD = "dead-letters"


class Seen(NamedTuple):
    """One record, as a reader of its topic got it."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


class Ack(NamedTuple):
    """A record of order-commands that the broker acknowledged to the loader."""

    command: str
    partition: int
    offset: int


class Command(NamedTuple):
    """A record of order-commands that is a command."""

    partition: int
    offset: int
    id: str
    order: str
    type: str
    expected: int | None
    data: dict[str, Any]


class Event(NamedTuple):
    """A record of order-events. `value` is its bytes."""

    partition: int
    offset: int
    id: str
    order: str
    version: int
    type: str
    cause: str
    data: dict[str, Any]
    value: bytes

    @property
    def where(self) -> str:
        return f"{EVENTS}[{self.partition}]@{self.offset}"


class Outcome(NamedTuple):
    """A record of command-outcomes: `code` is None where the command was accepted."""

    partition: int
    offset: int
    command: str
    order: str
    version: int
    events: tuple[str, ...]
    code: str | None

    @property
    def where(self) -> str:
        return f"{OUTCOMES}[{self.partition}]@{self.offset}"


@dataclass(frozen=True)
class Database:
    """The rows of one table partition in the RocksDB of a stopped worker.

    `upto` is the offset of the last record of the table's changelog that the database says it holds.
    """

    worker: str
    table: str
    partition: int
    upto: int | None
    rows: Mapping[bytes, bytes]

    @property
    def where(self) -> str:
        return f"{self.worker}/{self.table}-{self.partition}"


Records = dict[str, list[Seen]]  # by topic; a partition's records are in the order of their offsets
Offsets = dict[tuple[str, int], int]


@dataclass
class History:
    """A whole run. `ends` are the next offsets, markers included; `offsets` are what the group committed."""

    partitions: int
    sources: Sequence[str] = (COMMANDS,)  # what the group consumes
    acks: Sequence[Ack] = ()
    committed: Records = field(default_factory=dict)  # read_committed, after the run
    uncommitted: Records = field(default_factory=dict)  # read_uncommitted, after the run
    live: Records = field(default_factory=dict)  # read_committed, while it went on
    changelogs: dict[str, str] = field(default_factory=dict)  # table -> topic
    databases: Sequence[Database] = ()
    offsets: Offsets = field(default_factory=dict)
    ends: Offsets = field(default_factory=dict)

    @cached_property
    def commands(self) -> list[Command]:
        """The well-formed commands, by partition and offset; a repeated one as often as it was sent."""
        found = (command_of(seen) for seen in self.committed.get(COMMANDS, ()) if self.at_home(seen))
        return [command for command in found if command is not None]

    @cached_property
    def first_commands(self) -> dict[str, Command]:
        """Each command where it came first."""
        found: dict[str, Command] = {}
        for command in self.commands:
            found.setdefault(command.id, command)
        return found

    @cached_property
    def events(self) -> list[Event]:
        return [event_of(seen) for seen in self.committed.get(EVENTS, ()) if not is_marked(seen)]

    @cached_property
    def outcomes(self) -> list[Outcome]:
        return [outcome_of(seen) for seen in self.committed.get(OUTCOMES, ()) if not is_marked(seen)]

    @cached_property
    def poison(self) -> list[Seen]:
        """Records of order-commands that must not be decided: no command, or where its order is not."""
        log = self.committed.get(COMMANDS, ())
        return [seen for seen in log if command_of(seen) is None or not self.at_home(seen)]

    def at_home(self, seen: Seen) -> bool:
        """Whether a record lies on the partition of its key."""
        return seen.key is not None and partition_of(seen.key, self.partitions) == seen.partition


def command_of(seen: Seen) -> Command | None:
    """Parse a record of order-commands; None when it is no command at all."""
    try:
        body = json.loads(seen.value or b"")
    except ValueError:
        return None
    return Command(
        seen.partition,
        seen.offset,
        body["id"],
        body["subject"],
        body["type"],
        body.get("expectedversion"),
        body["data"],
    )


def is_marked(seen: Seen) -> bool:
    """Whether a record is the engine's own: a barrier, and no message."""
    return seen.key is not None and seen.key.startswith(b"\0")


def event_of(seen: Seen) -> Event:
    value = seen.value or b"{}"
    body = json.loads(value)
    return Event(
        seen.partition,
        seen.offset,
        body["id"],
        body["subject"],
        int(body["sequence"]),
        body["type"],
        body["causationid"],
        body["data"],
        value,
    )


def outcome_of(seen: Seen) -> Outcome:
    body = json.loads(seen.value or b"{}")
    data = body["data"]
    accepted = body["type"].startswith("command-accepted")
    return Outcome(
        seen.partition,
        seen.offset,
        data["command"],
        body["subject"],
        int(data["version"]),
        tuple(data.get("events", ())),
        None if accepted else data["code"],
    )
