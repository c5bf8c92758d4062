"""Records as the handlers see them, made straight from the fetched bytes.

aiokafka wraps each record in a dataclass of twelve fields, which costs more than decoding a command; and it ends the
consumer for good over a record whose header has a name that is not UTF-8, which any producer may send. Every consumer
of a worker process yields `Record` instead, from `install` on, and reads such names with replacement characters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiokafka.consumer import fetcher as upstream
from aiokafka.errors import CorruptRecordException
from aiokafka.record import memory_records
from aiokafka.record.default_records import _DefaultRecordBatchPy as LenientBatch

from app.lane.declare import Record

_make = tuple.__new__

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Batches(memory_records._MemoryRecordsPy):  # noqa: SLF001 - the fast one does not tell what it cut
    """The record batches of one fetch. The bytes of the last one are kept, should it have to be read again."""

    last: memoryview | None = None

    def next_batch(self, *args: int) -> Any:
        self.last = self._next_slice
        return super().next_batch(*args)


class _PartitionRecords(upstream.PartitionRecords):
    """The records of one fetch of one partition: aborted ones and markers left out, the position always up to date."""

    next_fetch_offset: int

    def _unpack_records(self) -> Iterator[Record]:
        batches, (topic, partition) = self._records, self._tp
        while batches.has_next():
            batch = batches.next_batch()
            if self._check_crcs and not batch.validate_crc():
                raise CorruptRecordException(f"the checksum of a batch of {topic}-{partition} is wrong")
            if not self._is_hidden(batch):
                try:
                    for record in batch:
                        offset = record.offset
                        if offset < self.next_fetch_offset:  # a batch is fetched whole: these are behind us
                            continue
                        self.next_fetch_offset = offset + 1
                        # Record's own constructor is written in Python, and costs three times as much
                        yield _make(
                            Record,
                            (
                                topic,
                                partition,
                                offset,
                                record.timestamp,
                                record.key,
                                record.value,
                                record.headers,
                            ),
                        )
                except UnicodeDecodeError:
                    yield from self._read_again(batches.last)
            self.next_fetch_offset = (
                batch.next_offset
            )  # of a compacted batch this may be beyond its last record

    def _is_hidden(self, batch: Any) -> bool:
        """Whether nobody is to see the batch: a marker, or part of a transaction that was aborted."""
        if self._isolation_level == upstream.READ_COMMITTED and batch.producer_id is not None:
            self._consume_aborted_up_to(batch.base_offset)
            if not batch.is_control_batch:
                return batch.is_transactional and batch.producer_id in self._aborted_producers
            if self._contains_abort_marker(batch):
                self._aborted_producers.discard(batch.producer_id)
        return bool(batch.is_control_batch)

    def _read_again(self, data: memoryview) -> Iterator[Record]:
        """Read a batch in which a header's name is not UTF-8, from where it broke off."""
        batch: Any = LenientBatch(data)
        batch._maybe_uncompress()  # noqa: SLF001 - it replaces the buffer
        batch._buffer = _Lenient(batch._buffer)  # noqa: SLF001 - as above
        topic, partition = self._tp
        for record in batch:
            if record.offset >= self.next_fetch_offset:
                self.next_fetch_offset = record.offset + 1
                yield Record(
                    topic,
                    partition,
                    record.offset,
                    record.timestamp,
                    record.key,
                    record.value,
                    record.headers,
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
