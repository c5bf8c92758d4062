"""Records as the handlers see them, made straight from the fetched bytes.

aiokafka wraps each record in a dataclass of twelve fields, which costs more than decoding a command; and it ends the
consumer for good over a record whose header has a name that is not UTF-8, which any producer may send. Every consumer
of a worker process yields `Record` instead, from `install` on, and reads such names with replacement characters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiokafka.consumer import fetcher as upstream
from aiokafka.record import memory_records
from aiokafka.record.default_records import _DefaultRecordBatchPy as LenientBatch

from app.lane.declare import Record

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Batches(memory_records._MemoryRecordsPy):  # noqa: SLF001 - the fast one does not tell what it cut
    """The record batches of one fetch. The bytes of the last one are kept, should it have to be read again."""

    last: memoryview | None = None

    def next_batch(self, *args: int) -> Any:
        self.last = self._next_slice
        return super().next_batch(*args)


class _PartitionRecords(upstream.PartitionRecords):
    next_fetch_offset: int

    def _unpack_records(self) -> Iterator[Record]:
        while True:
            try:
                yield from super()._unpack_records()
            except UnicodeDecodeError:  # a batch that is to be delivered: it is neither aborted nor a marker
                yield from self._read_again(self._records.last)
            else:
                return

    def _read_again(self, data: memoryview) -> Iterator[Record]:
        batch: Any = LenientBatch(data)
        batch._maybe_uncompress()  # noqa: SLF001 - it replaces the buffer
        batch._buffer = _Lenient(batch._buffer)  # noqa: SLF001 - as above
        for record in batch:
            if record.offset >= self.next_fetch_offset:
                self.next_fetch_offset = record.offset + 1
                yield self._consumer_record(self._tp, record)
        self.next_fetch_offset = batch.next_offset

    def _consumer_record(self, tp: Any, record: Any) -> Record:
        return Record(
            tp.topic,
            tp.partition,
            record.offset,
            record.timestamp,
            record.key,
            record.value,
            tuple(record.headers),
        )


class _Lenient(bytearray):
    """Bytes that decode whatever they are."""

    def __getitem__(self, at: Any) -> Any:
        found = super().__getitem__(at)
        return _Lenient(found) if isinstance(at, slice) else found

    def decode(self, encoding: str = "utf-8", errors: str = "replace") -> str:  # noqa: ARG002 - never strict
        return bytes(self).decode(encoding, "replace")


def install() -> None:
    """Let aiokafka's consumers yield `Record`. It has no parameter for it."""
    upstream.PartitionRecords, upstream.MemoryRecords = _PartitionRecords, _Batches
