"""Records as the handlers see them, made straight from the fetched bytes.

aiokafka wraps each record in a dataclass of twelve fields, which costs more than decoding a command. Every consumer
of a worker process yields `Record` instead, from the import of this module on.
"""

from __future__ import annotations

from typing import Any

from aiokafka.consumer import fetcher as upstream

from app.lane.declare import Record


class _PartitionRecords(upstream.PartitionRecords):
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


def install() -> None:
    """Let aiokafka's consumers yield `Record`. It has no parameter for it."""
    upstream.PartitionRecords = _PartitionRecords
