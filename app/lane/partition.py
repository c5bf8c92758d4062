"""Where a key lives: Java's default partitioner, which every producer of this system must use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from murmurhash2 import murmurhash2

from app.lane.declare import Undecodable

if TYPE_CHECKING:
    from app.lane.declare import Record

_SEED = 0x9747B28C  # org.apache.kafka.common.utils.Utils.murmur2


def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition number of a key, as Java's DefaultPartitioner computes it."""
    return (murmurhash2(key, _SEED) & 0x7FFFFFFF) % partitions


def misplaced(record: Record, partitions: int) -> Undecodable:
    """Why a record is not decided where it lies: another lane has the rows of its key."""
    if record.key is None:
        return Undecodable("key-missing", "send the id that the command is about as the record's key")
    home = partition_of(record.key, partitions)
    return Undecodable(
        "wrong-partition",
        f"the key belongs on partition {home} and came on {record.partition}: let the producer partition as Java does "
        "(librdkafka: partitioner=murmur2_random)",
    )
