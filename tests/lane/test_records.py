"""Records as aiokafka's fetcher yields them: each as it is, whatever its headers are called."""

from __future__ import annotations

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import READ_COMMITTED
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from app.lane import records
from app.lane.declare import Record

TP = TopicPartition("t", 3)
GZIP, PLAIN = 1, 0


def batch(compression: int, *headers: str) -> bytes:
    """Return a batch of one record for each header name."""
    builder = DefaultRecordBatchBuilder(
        2,
        compression,
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=0,
        batch_size=9999,
    )
    for offset, name in enumerate(headers):
        builder.append(offset, 1000 + offset, b"k", b"v%d" % offset, [(name, b"x")])
    return bytes(builder.build())


def unpacked(data: bytes, *, start: int = 0) -> list[Record]:
    made = records._PartitionRecords(
        TP, records._Batches(data), [], start, None, None, check_crcs=False, isolation_level=READ_COMMITTED
    )
    found = list(made)
    assert made.next_fetch_offset == (3 if found else start)
    return found


def test_records_come_with_all_their_fields_and_in_order() -> None:
    assert unpacked(batch(PLAIN, "a", "b", "c")) == [
        Record("t", 3, n, 1000 + n, b"k", b"v%d" % n, [(name, b"x")]) for n, name in enumerate("abc")
    ]


def test_records_before_the_position_are_left_out() -> None:
    assert [record.offset for record in unpacked(batch(GZIP, "a", "b", "c"), start=2)] == [2]


@pytest.mark.parametrize("start", [0, 1, 2])
def test_a_header_name_that_is_not_utf_8_is_read_with_replacement_characters(start: int) -> None:
    data = batch(PLAIN, "a", "zz", "c").replace(b"zz", b"\xff\xfe")
    found = unpacked(data, start=start)
    assert [record.offset for record in found] == list(range(start, 3))
    names = {record.offset: record.headers[0][0] for record in found}
    assert names == {n: name for n, name in enumerate(["a", "\ufffd\ufffd", "c"]) if n >= start}
    assert [record.value for record in found] == [b"v%d" % n for n in range(start, 3)]


def test_the_installed_consumers_yield_these() -> None:
    from aiokafka.consumer import fetcher  # noqa: PLC0415 - what `install` changed

    records.install()
    assert fetcher.PartitionRecords is records._PartitionRecords
    assert fetcher.MemoryRecords is records._Batches
