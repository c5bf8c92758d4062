"""The timeline of an order as readers get it: its own events and what its processes heard and said, in one order.

Both come in an order of their own, which is kept. Between them time decides; and whatever the clocks say, nothing
stands before the command that caused it.
"""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from app.views.timeline import Entry, Kind


class Happened(Struct, frozen=True, kw_only=True, gc=False):
    """Something on a timeline, and who caused it: the id of a command, or of what the processes had heard.

    `of_order`: an event of the order itself, which its journal has whole.
    """

    of_order: bool
    time: datetime
    kind: Kind
    id: str
    type: str
    subject: str
    causation_id: str
    correlation_id: str
    code: str = ""


class OrderEvent(Struct, frozen=True, kw_only=True, gc=False):
    """An event of the order itself, as its journal has it: without its data."""

    id: str
    type: str
    subject: str
    time: datetime
    causationid: str
    correlationid: str


def merged(events: Sequence[OrderEvent], entries: Sequence[Entry]) -> list[Happened]:
    """Return both as one sequence. An event of the order comes before what its processes did at the same time."""
    sent = {entry.id: place for place, entry in enumerate(entries) if entry.kind == "command"}
    story: list[Happened] = []
    at = 0
    for event in events:
        cause = sent.get(event.causationid, -1)
        while at < len(entries) and (at <= cause or entries[at].time < event.time):
            story.append(of_entry(entries[at]))
            at += 1
        story.append(of_event(event))
    return [*story, *[of_entry(each) for each in entries[at:]]]


def of_event(event: OrderEvent) -> Happened:
    return Happened(
        of_order=True,
        time=event.time,
        kind="event",
        id=event.id,
        type=event.type,
        subject=event.subject,
        causation_id=event.causationid,
        correlation_id=event.correlationid,
    )


def of_entry(entry: Entry) -> Happened:
    return Happened(
        of_order=False,
        time=entry.time,
        kind=entry.kind,
        id=entry.id,
        type=entry.type,
        subject=entry.subject,
        causation_id=entry.causation_id,
        correlation_id=entry.correlation_id,
        code=entry.code,
    )
