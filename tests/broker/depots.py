"""Workers of the depot application, and what their rows and topics must be for the weighings that were sent."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.lane.partition import partition_of
from app.lane.store import is_offset, open_read_only
from tests.broker.kafka import Kafka, Sent
from tests.lane.depot import PARTITIONS, UNLUCKY
from tests.running import get_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tests.running import Workers

Rows = dict[tuple[str, bytes], bytes]  # by table and key
Weighings = list[tuple[str, str, int]]  # parcel, depot, grams


@dataclass(frozen=True)
class Depots:
    """The application under one prefix."""

    kafka_url: str
    prefix: str
    folder: Path
    workers: Workers

    @property
    def group(self) -> str:
        return f"{self.prefix}depot"

    @property
    def sources(self) -> list[str]:
        return [self.topic("parcels"), self.topic("depot-loads")]

    def topic(self, name: str) -> str:
        return self.prefix + name

    def kafka(self) -> Kafka:
        return Kafka(self.kafka_url, PARTITIONS)

    def records(self, weighings: Weighings) -> list[Sent]:
        return [weighing(*one) for one in weighings]

    def row(self, worker: str, table: str, key: str) -> str | None:
        """Ask a worker for a row, as its own web server reads it."""
        _, answer = get_json(f"{self.workers[worker].url}/rows/{table}/{key}")
        return None if answer is None else answer["row"]

    async def weigh(self, kafka: Kafka, weighings: Weighings) -> None:
        """Send weighings and wait until both agents have done all that follows from them."""
        await kafka.send(self.topic("parcels"), self.records(weighings))
        await kafka.settled(self.group, self.sources)

    def stored(self, worker: str) -> Rows:
        """Return the rows of a worker that has stopped."""
        found: Rows = {}
        for path in sorted((self.folder / worker).rglob("partition-*/CURRENT")):
            database = open_read_only(path.parent)
            try:
                items: list[tuple[bytes, bytes]] = list(database.items())  # type: ignore[arg-type] # raw mode
            finally:
                database.close()
            for at, row in items:
                if not is_offset(at):
                    table, _, key = at.partition(b"\0")
                    assert (table.decode(), key) not in found, "a row lies in two partitions"
                    found[table.decode(), key] = row
        return found

    def log(self, worker: str) -> str:
        return self.workers[worker].log.read_text()


def weighing(parcel: str, depot: str, grams: int) -> Sent:
    """Return the record of a weighing, where its key belongs."""
    key = parcel.encode()
    return Sent(partition_of(key, PARTITIONS), key, f"{depot} {grams}".encode())


def some_weighings(count: int) -> Weighings:
    """Return weighings of 20 parcels at 3 depots: some are of bad luck, some make a parcel's row go away."""
    lucky = [number if number != UNLUCKY else 0 for number in range(count)]
    return [
        (f"p-{number % 20}", f"depot-{number % 3}", UNLUCKY if number % 17 == 5 else grams)
        for number, grams in enumerate(lucky)
    ]


def rows_of(weighings: Iterable[tuple[str, str, int]]) -> Rows:
    """Return what follows from weighings, by rules written down a second time."""
    counts: Counter[str] = Counter()
    loads: Counter[str] = Counter()
    rows: Rows = {}
    for parcel, depot, grams in weighings:
        if grams == UNLUCKY:
            continue
        counts[parcel] += 1
        loads[depot] += grams
        rows["weights", parcel.encode()] = b"%d" % grams
        if grams == 0:
            del rows["weights", parcel.encode()]
        rows["diary", parcel.encode() + b"\0%d" % counts[parcel]] = b"%d %d" % (counts[parcel], grams)
    rows |= {("counts", parcel.encode()): b"%d" % count for parcel, count in counts.items()}
    return rows | {("depots", depot.encode()): b"%d" % load for depot, load in loads.items()}


def facts_of(weighings: Sequence[tuple[str, str, int]]) -> dict[bytes, list[bytes]]:
    """Return the facts of each parcel, in order."""
    facts: dict[bytes, list[bytes]] = defaultdict(list)
    for parcel, _, grams in weighings:
        if grams != UNLUCKY:
            known = facts[parcel.encode()]
            known.append(b"%d %d" % (len(known) + 1, grams))
    return dict(facts)
