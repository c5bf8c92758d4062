"""Where a key lives: Java's default partitioner, which every producer of this system must use."""

from murmurhash2 import murmurhash2

_SEED = 0x9747B28C  # org.apache.kafka.common.utils.Utils.murmur2


def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition number of a key, as Java's DefaultPartitioner computes it."""
    return (murmurhash2(key, _SEED) & 0x7FFFFFFF) % partitions
