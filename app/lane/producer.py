"""The one transactional producer of a worker: started, written to, and given up without ceremony.

Its transactional id is stable (application and worker), so that a restart ends at once what the process before it
left open. The real fence is the group's generation (`app.lane.fencing`).
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.producer import producer as upstream_producer
from aiokafka.producer import sender as upstream_sender
from aiokafka.structs import OffsetAndMetadata

from app.lane import patience
from app.lane.fencing import Member, Sender

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.lane.config import LaneConfig

log = logging.getLogger(__name__)

# What aiokafka waits when a transaction begins while the markers of the last one are still being written:
# 20 ms upstream, of which 2 ms are enough on any broker that we measured.
upstream_sender.BACKOFF_OVERRIDE = 0.002
_CLOSE = 2.0  # seconds for closing connections


class LaneProducer:
    """A thin skin over AIOKafkaProducer: whole batches, offsets with our generation, deadlines, an end at once."""

    def __init__(self, producer: AIOKafkaProducer, group: str) -> None:
        self._producer = producer
        self._group = group
        self.create_batch = producer.create_batch
        self.send_batch = producer.send_batch
        self.begin = producer.begin_transaction
        self.commit = producer.commit_transaction
        self.abort = producer.abort_transaction

    @classmethod
    async def start(cls, config: LaneConfig, member: Member) -> LaneProducer:
        """Connect and get a producer id, which ends a transaction that this worker left open.

        Raises KafkaError, OSError or TimeoutError; nothing is left running then.
        """
        name = f"{config.app_id}-{config.worker_id}"
        theirs, upstream_producer.Sender = upstream_producer.Sender, Sender  # it has no parameter for this
        try:
            producer = AIOKafkaProducer(
                bootstrap_servers=list(config.bootstrap),
                client_id=name,
                transactional_id=name,
                transaction_timeout_ms=int(config.transaction_timeout * 1000),
                request_timeout_ms=int(config.request_timeout * 1000),
                retry_backoff_ms=20,
                acks="all",
                max_batch_size=config.max_record_bytes
                + 1024,  # any record that we let pass fits an empty batch
                max_request_size=config.max_record_bytes + 2048,
            )
        finally:
            upstream_producer.Sender = theirs
        producer._sender.member, producer._sender.group = member, config.app_id  # noqa: SLF001
        patience.limit(producer.client)
        self = cls(producer, config.app_id)
        try:
            async with asyncio.timeout(config.transaction_deadline):
                await producer.start()
        except BaseException:
            await self.abandon()
            raise
        return self

    async def send_positions(self, positions: Mapping[TopicPartition, int]) -> None:
        """Hand the next positions to the group. Raises StaleMember if it has moved on."""
        offsets = {tp: OffsetAndMetadata(position, "") for tp, position in positions.items()}
        await self._producer.send_offsets_to_transaction(offsets, self._group)

    async def close(self) -> None:
        """Close an idle producer in good order."""
        try:
            async with asyncio.timeout(_CLOSE):
                await self._producer.stop()
        except (Exception, asyncio.CancelledError) as error:
            if patience.we_are_cancelled():
                raise
            log.warning("closing the producer: %r", error)
            await self.abandon()

    async def abandon(self) -> None:
        """End it now: no flush, no abort. The next producer with this id takes its transaction over."""
        self._producer._closed = True  # noqa: SLF001 - keeps its finaliser quiet
        sender = self._producer._sender  # noqa: SLF001
        for _ in range(10):  # tasks start further tasks while they end
            tasks = sender.tasks
            if not tasks:
                break
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=0.1)
        if (
            sender.sender_task is not None
            and sender.sender_task.done()
            and not sender.sender_task.cancelled()
        ):
            sender.sender_task.exception()  # seen: asyncio need not complain
        try:
            async with asyncio.timeout(_CLOSE):
                await self._producer.client.close()
        except (Exception, asyncio.CancelledError):
            if patience.we_are_cancelled():
                raise


def one_record(producer: LaneProducer, key: bytes, value: bytes) -> Any:
    """Return a batch of a single record."""
    batch = producer.create_batch()
    batch.append(key=key, value=value, timestamp=None)
    return batch
