"""What came out, compared with what must: one event for each accepted command, versions without a gap."""

from __future__ import annotations

from array import array
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.load import stream

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.load import Made

EVENTS, PARTITIONS = "order-events", 8
_TYPES = {"place-order.v1": "order-placed.v1", "cancel-order.v1": "order-cancelled.v1"}
_QUARTERS = 4


class _Command(msgspec.Struct):
    id: str
    type: str
    subject: str


class Event(msgspec.Struct):
    """What a reader of `order-events` needs to know of one."""

    id: str
    type: str
    subject: str
    sequence: str
    causationid: str
    correlationid: str


_command = msgspec.json.Decoder(_Command).decode
event = msgspec.json.Decoder(Event).decode


class Verdict(NamedTuple):
    """`faults`: how often each kind of fault was found. `times`: when events were appended, sorted, in seconds."""

    faults: dict[str, int]
    times: list[float]

    @property
    def ok(self) -> bool:
        return not any(self.faults.values())

    def quarter(self, number: int) -> float:
        """Return when the first, second or third quarter of the events had been appended."""
        return self.times[len(self.times) * number // _QUARTERS]

    @property
    def middle(self) -> int:
        """How many events were appended between the first quarter and the third."""
        return len(self.times) * 3 // _QUARTERS - len(self.times) // _QUARTERS


def expected(commands: Iterable[Made]) -> dict[str, str]:
    """Return what each accepted command of the stream must lead to: type and id of its event."""
    versions: Counter[str] = Counter()
    events: dict[str, str] = {}
    for _, value, _ in commands:
        command = _command(value)
        if command.id in events or command.subject.startswith("unknown-"):
            continue  # repeated, or to be refused
        versions[command.subject] += 1
        events[command.id] = f"{_TYPES[command.type]} {command.subject}@{versions[command.subject]}"
    return events


async def judge(bootstrap: str, count: int) -> Verdict:
    """Read `order-events` as its consumers see it, and compare it with the first `count` commands of the stream."""
    wanted = expected(stream(count))
    faults: Counter[str] = Counter(missing=0, repeated=0, unexpected=0, wrong=0, gaps=0)
    times, versions, seen = array("q"), Counter[str](), set[str]()
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, isolation_level="read_committed", auto_offset_reset="earliest"
    )
    await consumer.start()
    todo = [TopicPartition(EVENTS, number) for number in range(PARTITIONS)]
    consumer.assign(todo)
    ends = await consumer.end_offsets(todo)
    while any([await consumer.position(tp) < end for tp, end in ends.items()]):
        for records in (await consumer.getmany(timeout_ms=500)).values():
            for record in records:
                times.append(record.timestamp)
                found = event(record.value)
                versions[found.subject] += 1
                faults["gaps"] += found.sequence != str(versions[found.subject])
                faults["repeated"] += found.causationid in seen
                seen.add(found.causationid)
                if found.causationid not in wanted:
                    faults["unexpected"] += 1
                elif wanted[found.causationid] != f"{found.type} {found.id}":
                    faults["wrong"] += 1
    await consumer.stop()
    faults["missing"] = len(wanted.keys() - seen)
    return Verdict(dict(faults), sorted(each / 1000 for each in times))
