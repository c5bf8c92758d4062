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
ALL_EVENTS = {  # of each topic of commands
    COMMANDS: EVENTS,
    "stock-commands": "stock-events",
    "return-commands": "return-events",
    "cart-commands": "cart-events",
}
LOADER = "/faults"  # the source of the commands that the loader sends
OUTCOMES = "command-outcomes"
DEAD = "dead-letters"


class Seen(NamedTuple):
    """One record, as a reader of its topic got it."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


class Ack(NamedTuple):
    """A record of a topic of commands that the broker acknowledged to the loader."""

    command: str
    topic: str
    partition: int
    offset: int


class Command(NamedTuple):
    """A record of a topic of commands that is a command. `order`: what it is for, whatever that is."""

    topic: str
    partition: int
    offset: int
    id: str
    order: str
    type: str
    expected: int | None
    data: dict[str, Any]
    source: str
    value: bytes

    @property
    def where(self) -> str:
        return f"{self.topic}[{self.partition}]@{self.offset}"


class Event(NamedTuple):
    """A record of a topic of events. `value` is its bytes."""

    topic: str
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
        return f"{self.topic}[{self.partition}]@{self.offset}"


class Outcome(NamedTuple):
    """A record of command-outcomes: `code` is None where the command was accepted."""

    partition: int
    offset: int
    command: str
    order: str
    version: int
    events: tuple[str, ...]
    code: str | None
    asked_by: str  # the id of the command that somebody outside sent, if this one follows from it

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
    writes: Records = field(default_factory=dict)  # table -> the last write to each row: no value deletes it
    notes: Sequence[str] = ()  # what kept the run from its end
    databases: Sequence[Database] = ()
    offsets: Offsets = field(default_factory=dict)
    ends: Offsets = field(default_factory=dict)

    @cached_property
    def commands(self) -> list[Command]:
        """The well-formed commands, by topic, partition and offset; a repeated one as often as it was sent."""
        found = (
            command_of(topic, seen)
            for topic in ALL_EVENTS
            for seen in self.committed.get(topic, ())
            if self.at_home(seen)
        )
        return [command for command in found if command is not None]

    @cached_property
    def first_commands(self) -> dict[str, Command]:
        """Each command where it came first."""
        found: dict[str, Command] = {}
        for command in self.commands:
            found.setdefault(command.id, command)
        return found

    @cached_property
    def all_events(self) -> list[Event]:
        """The events of every topic."""
        return [
            event_of(topic, seen)
            for topic in ALL_EVENTS.values()
            for seen in self.committed.get(topic, ())
            if not is_marked(seen)
        ]

    @cached_property
    def events(self) -> list[Event]:
        """The events of orders."""
        return [event for event in self.all_events if event.topic == EVENTS]

    @cached_property
    def outcomes(self) -> list[Outcome]:
        return [outcome_of(seen) for seen in self.committed.get(OUTCOMES, ()) if not is_marked(seen)]

    @cached_property
    def poison(self) -> list[Seen]:
        """Records among the commands that must not be decided: no command, or where its key is not at home."""
        return [
            seen
            for topic in ALL_EVENTS
            for seen in self.committed.get(topic, ())
            if command_of(topic, seen) is None or not self.at_home(seen)
        ]

    def at_home(self, seen: Seen) -> bool:
        """Whether a record lies on the partition of its key."""
        return seen.key is not None and partition_of(seen.key, self.partitions) == seen.partition


def command_of(topic: str, seen: Seen) -> Command | None:
    """Parse a record of a topic of commands; None when it is no command at all."""
    value = seen.value or b""
    try:
        body = json.loads(value)
    except ValueError:
        return None
    return Command(
        topic,
        seen.partition,
        seen.offset,
        body["id"],
        body["subject"],
        body["type"],
        body.get("expectedversion"),
        body["data"],
        body.get("source", LOADER),
        value,
    )


def is_marked(seen: Seen) -> bool:
    """Whether a record is the engine's own: a barrier, and no message."""
    return seen.key is not None and seen.key.startswith(b"\0")


def event_of(topic: str, seen: Seen) -> Event:
    value = seen.value or b"{}"
    body = json.loads(value)
    return Event(
        topic,
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
        body.get("correlationid", data["command"]),
    )
