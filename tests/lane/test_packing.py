"""Batches are what aiokafka's own reader reads, in order, and each fits."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.record.memory_records import MemoryRecords

from app.lane.packing import Packed, pack
from app.lane.producer import LaneProducer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.lane.declare import Headers

NOW = 1_767_225_600_123
SIZE = 2048  # bytes of a batch
Read = tuple[bytes | None, bytes | None, tuple[tuple[str, bytes | None], ...]]


@pytest.fixture
async def producer() -> AsyncIterator[LaneProducer]:
    producer = AIOKafkaProducer(transactional_id="t", max_batch_size=SIZE)  # makes batches; is never started
    yield LaneProducer(producer, "group")
    await producer.stop()


def read(packed: Packed) -> dict[TopicPartition, list[list[Read]]]:
    """Return the records of each batch, as a consumer would see them."""
    found: dict[TopicPartition, list[list[Read]]] = defaultdict(list)
    for tp, batch in packed:
        count = batch.record_count()
        memory = MemoryRecords(bytes(batch._build()))
        part = memory.next_batch()
        assert part is not None
        assert memory.next_batch() is None, "one batch"
        assert part.validate_crc()
        records = list(part)
        assert [record.offset for record in records] == list(range(count))
        assert part.next_offset == count
        assert {record.timestamp for record in records} == {NOW}
        found[tp].append([(record.key, record.value, tuple(record.headers)) for record in records])
    return found


async def test_records_keep_their_order(producer: LaneProducer) -> None:
    at = TopicPartition("a", 1)
    packed = pack(producer, at, [(b"k", b"%d" % number, ()) for number in range(30)], NOW)
    assert [value for batch in read(packed)[at] for _, value, _ in batch] == [b"%d" % n for n in range(30)]


async def test_keys_values_and_headers_arrive_as_they_were_given(producer: LaneProducer) -> None:
    none: Headers = ()
    some: Headers = [("content-type", b"x"), ("a", b"")]
    records = [
        (b"k", b"v", none),
        (None, b"v", none),
        (b"k", None, none),
        (b"", b"", some),
        (None, None, tuple(some)),
    ]
    ((batch,),) = read(pack(producer, TopicPartition("a", 0), records, NOW)).values()
    assert batch == [(key, value, tuple(headers)) for key, value, headers in records]


async def test_a_full_batch_is_followed_by_another_and_nothing_is_lost_between(
    producer: LaneProducer,
) -> None:
    at = TopicPartition("a", 0)
    values = [b"%d " % number + bytes(number * 7 % 300) for number in range(100)]
    packed = pack(producer, at, [(b"k", value, ()) for value in values], NOW)
    batches = read(packed)[at]
    assert len(batches) > 5
    assert [value for batch in batches for _, value, _ in batch] == values
    assert all(len(batch._build()) <= SIZE for _, batch in packed)


async def test_nothing_emitted_is_nothing_to_send(producer: LaneProducer) -> None:
    assert pack(producer, TopicPartition("a", 0), [], NOW) == []
