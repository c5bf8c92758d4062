"""Keys land where Java's default partitioner puts them: vectors made by Java, not by the function under test."""

import pytest

from app.lane.partition import partition_of


@pytest.mark.parametrize(
    ("key", "partitions", "home"),
    [
        # keys that librdkafka's default partitioner puts elsewhere (9, 9, 7, 9, 11)
        (b"TT0124", 15, 10),
        (b"354afe16-939a-4ea8-8e17-8bb0840b6886", 10, 4),
        (b"order-1", 12, 10),
        (b"order-2", 12, 3),
        (b"order-3", 12, 3),
    ],
)
def test_a_key_lives_where_java_puts_it_and_not_librdkafka(key: bytes, partitions: int, home: int) -> None:
    assert partition_of(key, partitions) == home


@pytest.mark.parametrize(
    ("key", "murmur2"),
    [  # org.apache.kafka.common.utils.UtilsTest.testMurmur2
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_the_hash_is_kafkas_own(key: bytes, murmur2: int) -> None:
    largest = 2**31 - 1  # partitions: the whole positive hash, but for its largest value
    assert partition_of(key, largest) == murmur2 & 0x7FFFFFFF


@pytest.mark.parametrize(("key", "home"), [(b"", 681), (b"a", 524), (b"\x00 ", 742), (b"123456789", 566)])
def test_every_length_modulo_four_has_a_vector(key: bytes, home: int) -> None:
    assert partition_of(key, 1000) == home
