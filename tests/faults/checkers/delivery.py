"""Exactly once, as far as it can be seen on the topics alone."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from tests.faults.history import DEAD, EVENTS, LOADER
from tests.faults.verdict import Verdict, Violation, Violations, judge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.faults.history import Event, History, Outcome

TIMELINE = "timeline"  # the table in which each command of a process is noted


def acknowledged_commands_are_kept(history: History) -> Verdict:
    """What the broker acknowledged to the loader lies where it said."""

    def violations() -> Violations:
        kept = {
            (command.topic, command.partition, command.offset): command.id for command in history.commands
        }
        for ack in history.acks:
            got = kept.get((ack.topic, ack.partition, ack.offset))
            if got != ack.command:
                yield Violation(
                    f"{ack.topic}[{ack.partition}]@{ack.offset}", f"acknowledged {ack.command}, kept {got}"
                )

    return judge("acknowledged commands are kept", len(history.acks), violations())


def each_command_has_one_outcome(history: History) -> Verdict:
    """However often a command was sent, and whoever died over it, it has one outcome.

    One that an agent hands over to another of its own partition lies on no topic, but has an outcome as well.
    """

    def violations() -> Violations:
        counts = Counter(outcome.command for outcome in history.outcomes)
        asked_by = {outcome.command: outcome.asked_by for outcome in history.outcomes}
        for command in history.first_commands.values():
            count = counts.pop(command.id, 0)
            if count != 1:
                what = f"{command.type} {command.id} has {count} outcomes"
                yield Violation(command.where, what, abs(count - 1))
        for stranger, count in counts.items():
            if asked_by[stranger] == stranger:
                yield Violation(stranger, f"has {count} outcomes and was never sent", count)
            elif count != 1:
                yield Violation(
                    stranger, f"follows from {asked_by[stranger]} and has {count} outcomes", count
                )

    return judge("each command has one outcome", len(history.outcomes), violations())


def what_follows_is_sent_once(history: History) -> Verdict:
    """A command that processes or providers send has an id of its own, is sent once, and has an outcome.

    Their ids follow from what they are for, so that a repeated one would be harmless: but within one transaction with
    what it follows from, none is repeated.
    """
    sent = Counter(
        entry["id"]
        for entry in (json.loads(seen.value) for seen in history.writes.get(TIMELINE, ()) if seen.value)
        if entry["kind"] == "command"
    )
    stored = Counter(command.id for command in history.commands if command.source != LOADER)
    outcomes = {outcome.command for outcome in history.outcomes}

    def violations() -> Violations:
        for name, count in (sent | stored).items():
            if count != 1:
                yield Violation(name, f"was sent {count} times", count)
            if name not in outcomes:
                yield Violation(name, "has no outcome")

    return judge("what processes send is sent once", len(sent | stored), violations())


def each_event_is_announced_once(history: History) -> Verdict:
    """An event is there once, and exactly one accepted outcome, of the command that caused it, names it."""

    def violations() -> Violations:
        yield from _twice(history.all_events)
        yield from _unannounced(history.all_events, history.outcomes)

    return judge("each event is there once and announced", len(history.all_events), violations())


def _twice(events: Sequence[Event]) -> Violations:
    first: dict[str, Event] = {}
    for event in events:
        earlier = first.setdefault(event.id, event)
        if earlier is not event:
            yield Violation(
                event.where, f"{event.id} is at {earlier.where} already", event.offset - earlier.offset
            )


def _unannounced(events: Sequence[Event], outcomes: Sequence[Outcome]) -> Violations:
    causes = {event.id: event.cause for event in events}
    announced: dict[str, str] = {}
    for outcome in outcomes:
        for event_id in outcome.events:
            if event_id not in causes:
                yield Violation(
                    outcome.where, f"{outcome.command} announces {event_id}, which does not exist"
                )
            elif causes[event_id] != outcome.command:
                yield Violation(
                    outcome.where, f"{outcome.command} announces {event_id}, caused by {causes[event_id]}"
                )
            announced[event_id] = outcome.command
    for event in events:
        if event.id not in announced:
            yield Violation(event.where, f"no outcome announces {event.id}, caused by {event.cause}")


def versions_are_contiguous(history: History) -> Verdict:
    """The events of an order (item, return, cart) lie on one partition, numbered 1, 2, 3 as they lie there."""

    def violations() -> Violations:
        last: dict[tuple[str, str], int] = defaultdict(int)
        home: dict[tuple[str, str], int] = {}
        for event in history.all_events:
            of = event.topic, event.order
            want = last[of] + 1
            if event.version != want:
                what = f"{event.id} where version {want} was due"
                yield Violation(event.where, what, abs(event.version - want))
            last[of] = event.version
            if home.setdefault(of, event.partition) != event.partition:
                yield Violation(event.where, f"{event.order} is at home on partition {home[of]}")

    return judge("versions are contiguous", len(history.all_events), violations())


def aborted_events_are_never_seen(history: History) -> Verdict:
    """A read_committed consumer that read along saw each record once, and none that was not committed.

    `examined` is what it read. What the log holds above the committed records is of aborted transactions.
    """

    def violations() -> Violations:
        for topic, seen in history.live.items():
            committed = {
                (record.partition, record.offset): record.value for record in history.committed[topic]
            }
            last: dict[int, int] = {}
            for record in seen:
                where = f"{topic}[{record.partition}]@{record.offset}"
                if (record.partition, record.offset) not in committed:
                    yield Violation(where, "was seen by a read_committed consumer and is not committed")
                elif committed[record.partition, record.offset] != record.value:
                    yield Violation(where, "was seen with another value")
                if record.offset <= last.get(record.partition, -1):
                    yield Violation(where, "was seen again")
                last[record.partition] = record.offset

    return judge(
        "no event of an aborted transaction is seen", sum(map(len, history.live.values())), violations()
    )


def aborted_events(history: History) -> int:
    """How many events aborted transactions have left in the log."""
    return len(history.uncommitted.get(EVENTS, ())) - len(history.committed.get(EVENTS, ()))


def the_group_has_no_lag(history: History) -> Verdict:
    """The group's committed offset of every source partition is its end offset, markers included."""

    def violations() -> Violations:
        for topic, partition in sources:
            committed, end = history.offsets.get((topic, partition), 0), history.ends[topic, partition]
            if committed != end:
                yield Violation(
                    f"{topic}[{partition}]", f"committed {committed}, end {end}", abs(end - committed)
                )

    sources = [key for key in history.ends if key[0] in history.sources]
    return judge("the group has no lag", len(sources), violations())


def poison_is_dead_lettered_once(history: History) -> Verdict:
    """A record that must not be decided is on the dead letters exactly once; nothing else is."""

    def violations() -> Violations:
        poison = Counter(seen.key for seen in history.poison)
        letters = Counter(seen.key for seen in history.committed.get(DEAD, ()))
        for key in poison.keys() | letters.keys():
            if poison[key] != letters[key]:
                what = f"{poison[key]} not to be decided, {letters[key]} dead letters"
                yield Violation(repr(key), what, abs(poison[key] - letters[key]))

    return judge("poison is dead-lettered once", len(history.poison), violations())
