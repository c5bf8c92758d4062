"""Records as aiokafka's fetcher yields them: each as it is, whatever its headers are called."""

from __future__ import annotations

import struct

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import READ_COMMITTED
from aiokafka.record.default_records import DefaultRecordBatch, _DefaultRecordBatchBuilderPy

from app.lane import records
from app.lane.declare import Record

TP = TopicPartition("t", 3)
GZIP, PLAIN = 1, 0


def batch(compression: int, *headers: str, begin: int = 0) -> bytes:
    """Return a batch of one record for each header name, from offset `begin` on. `zz` becomes invalid UTF-8."""
    builder = _DefaultRecordBatchBuilderPy(  # the one whose bytes can be changed before they are compressed
        2,
        compression,
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=0,
        batch_size=9999,
    )
    for offset, name in enumerate(headers):
        builder.append(offset, 1000 + begin + offset, b"k", value(begin + offset), [(name, b"x")])
    builder._buffer = builder._buffer.replace(b"zz", b"\xff\xfe")
    data = builder.build()
    struct.pack_into(">q", data, 0, begin)  # the broker's part; the checksum leaves it out
    assert DefaultRecordBatch(bytes(data)).compression_type == compression
    return bytes(data)


def value(offset: int) -> bytes:
    return b"v%d " % offset * 50  # long enough to be worth compressing


def unpacked(data: bytes, *, start: int = 0, end: int = 3) -> list[Record]:
    made = records._PartitionRecords(
        TP, records._Batches(data), [], start, None, None, check_crcs=True, isolation_level=READ_COMMITTED
    )
    found = list(made)
    assert made.next_fetch_offset == end
    return found


def test_records_come_with_all_their_fields_and_in_order() -> None:
    assert unpacked(batch(PLAIN, "a", "b", "c")) == [
        Record("t", 3, n, 1000 + n, b"k", value(n), [(name, b"x")]) for n, name in enumerate("abc")
    ]


def test_records_before_the_position_are_left_out() -> None:
    assert [record.offset for record in unpacked(batch(GZIP, "a", "b", "c"), start=2)] == [2]


@pytest.mark.parametrize("compression", [PLAIN, GZIP])
@pytest.mark.parametrize("start", [0, 1, 2])
def test_a_header_name_that_is_not_utf_8_is_read_with_replacement_characters(
    start: int, compression: int
) -> None:
    found = unpacked(batch(compression, "a", "zz", "c"), start=start)
    assert [record.offset for record in found] == list(range(start, 3))
    names = {record.offset: record.headers[0][0] for record in found}
    assert names == {n: name for n, name in enumerate(["a", "\ufffd\ufffd", "c"]) if n >= start}
    assert [record.value for record in found] == [value(n) for n in range(start, 3)]


@pytest.mark.parametrize("compression", [PLAIN, GZIP])
def test_the_batches_before_and_after_such_a_record_are_read_as_ever(compression: int) -> None:
    data = batch(compression, "a") + batch(compression, "zz", "b", begin=1) + batch(compression, "c", begin=3)
    found = unpacked(data, end=4)
    assert [(record.offset, record.headers[0][0], record.value) for record in found] == [
        (n, name, value(n)) for n, name in enumerate(["a", "\ufffd\ufffd", "b", "c"])
    ]


def test_the_installed_consumers_yield_these() -> None:
    from aiokafka.consumer import fetcher  # noqa: PLC0415 - what `install` changed

    records.install()
    assert fetcher.PartitionRecords is records._PartitionRecords
    assert fetcher.MemoryRecords is records._Batches
