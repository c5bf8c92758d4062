"""Record batches in the making: for each partition, its records in the order in which they were added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiokafka import TopicPartition

if TYPE_CHECKING:
    from app.lane.declare import Headers
    from app.lane.producer import LaneProducer

Packed = list[tuple[TopicPartition, Any]]


class Packer:
    """Fills batches, and begins another one when a batch is full. Every record fits an empty batch."""

    def __init__(self, producer: LaneProducer, now_ms: int) -> None:
        self._create, self._now_ms = producer.create_batch, now_ms
        self._open: dict[tuple[str, int], Any] = {}
        self.batches: Packed = []

    def add(self, topic: str, partition: int, key: bytes | None, value: bytes | None, headers: Headers = ()) -> None:
        at = (topic, partition)
        batch, named = self._open.get(at), [*headers]  # aiokafka takes a list only
        if batch is None or batch.append(key=key, value=value, timestamp=self._now_ms, headers=named) is None:
            batch = self._open[at] = self._create()
            batch.append(key=key, value=value, timestamp=self._now_ms, headers=named)
            self.batches.append((TopicPartition(topic, partition), batch))
