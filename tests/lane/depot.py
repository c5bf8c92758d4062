"""An application that is not ours, small enough to be known by heart: parcels are weighed, depots add the weights up.

A record of `parcels` says `<depot> <grams>`; its key is the parcel. Some weights are bad luck: see `weigh_parcels`.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from app.lane.config import LaneConfig
from app.lane.declare import Keep, Record, Table, Topic, TopicTable, Undecodable, agent
from app.lane.turn import Turn

if TYPE_CHECKING:
    from app.lane.declare import Headers
    from app.lane.turn import Outputs

PREFIX = os.environ.get("DEPOT_PREFIX", "")  # of all topics: a test on a shared broker has a name of its own
UNLUCKY, HUGE = 13, 10_000_000  # grams
PARTITIONS = 4


class Weighing(NamedTuple):
    """One parcel was put on the scales of a depot."""

    depot: str
    grams: int


def encode_number(number: int) -> bytes:
    return b"%d" % number


def diary_row(key: bytes, value: bytes) -> tuple[bytes, bytes]:
    """Return the row of a fact, `<count> <grams>`: parcel and count, so that a parcel's facts stand in order."""
    return key + b"\0" + value.partition(b" ")[0], value


PARCELS = Topic(PREFIX + "parcels", Keep.A_WHILE, timedelta(days=1))
FACTS = Topic(PREFIX + "parcel-facts", Keep.EVERYTHING)
LOADS = Topic(PREFIX + "depot-loads", Keep.A_WHILE, timedelta(days=1))  # keyed by depot
LETTERS = Topic(PREFIX + "depot-dead-letters", Keep.EVERYTHING)

WEIGHTS: Table[int] = Table("weights", encode=encode_number, decode=int)
COUNTS: Table[int] = Table("counts", encode=encode_number, decode=int)
DIARY: TopicTable[bytes] = TopicTable("diary", FACTS, row=diary_row, decode=bytes)
DEPOTS: Table[int] = Table("depots", encode=encode_number, decode=int)


def decode_weighing(record: Record) -> Weighing:
    if record.value is None:
        raise Undecodable("value-missing", "say depot and grams")
    depot, _, grams = record.value.decode().partition(" ")
    return Weighing(depot, int(grams))


def decode_load(record: Record) -> int:
    return int(record.value or b"")


@agent(PARCELS, decode=decode_weighing, tables=[WEIGHTS, COUNTS, DIARY], emits=[FACTS, LOADS])
def weigh_parcels(weighing: Weighing, turn: Turn) -> None:
    """Note each weighing of a parcel, and tell its depot."""
    key, grams = turn.record.key, weighing.grams
    assert key is not None
    count = (turn.get(COUNTS, key) or 0) + 1
    turn.put(COUNTS, key, count)
    turn.put(WEIGHTS, key, grams)
    turn.emit(FACTS, key, b"%d %d" % (count, grams))
    turn.emit(LOADS, weighing.depot.encode(), b"%d" % grams)
    if grams == UNLUCKY:
        raise RuntimeError("thirteen grams")  # after it has written everything that it can
    if grams == HUGE:
        turn.emit(FACTS, key, b"%d " % (count + 1) + bytes(HUGE))
    if grams == 0:
        turn.delete(WEIGHTS, key)


@agent(LOADS, decode=decode_load, tables=[DEPOTS])
def load_depots(grams: int, turn: Turn) -> None:
    """Add up what each depot has weighed."""
    key = turn.record.key
    assert key is not None
    turn.put(DEPOTS, key, (turn.get(DEPOTS, key) or 0) + grams)


AGENTS = (weigh_parcels, load_depots)


def depot_config(folder: Path, **changes: Any) -> LaneConfig:
    """Return settings of a worker that no test needs to know, and those that this one does."""
    usual: dict[str, Any] = {
        "app_id": PREFIX + "depot",
        "worker_id": "w1",
        "bootstrap": ("127.0.0.1:9",),
        "partitions": PARTITIONS,
        "replication": 1,
        "min_insync": 1,
        "data_dir": folder,
        "standbys": 1,
        "session_timeout": 6.0,
        "heartbeat_interval": 1.0,
        "transaction_timeout": 6.0,
        "transaction_deadline": 10.0,
        "request_timeout": 5.0,
        "memory_bytes": 16 << 20,
    }
    return LaneConfig(**(usual | changes))


Flat = tuple[str, int, bytes | None, bytes | None, "Headers"]  # topic, partition, key, value, headers


def flat(outputs: "Outputs") -> "list[Flat]":
    """Return outputs as rows: topic, partition, key, value, headers; by topic and partition, in their order there."""
    return [
        (topic, partition, *output) for (topic, partition), emitted in outputs.items() for output in emitted
    ]
