"""Commands to `order-commands`, fast: batches by partition, built here, sent by an idempotent producer.

The order of a key's commands is the order in which `add` saw them: a key has one partition, a partition has
one open batch, and the producer sends the batches of a partition one after the other (aiokafka keeps at most
one in flight, and the broker refuses a gap in the idempotent sequence).

A record carries the time of sending, never the time of the event: by Kafka's clock an order of 2010 is beyond
every retention, and the broker would delete it before a worker has read it.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Self

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from app.lane.partition import partition_of
from app.wire.types import COMMAND_HEADERS

if TYPE_CHECKING:
    from types import TracebackType

    from aiokafka.producer.message_accumulator import BatchBuilder
    from aiokafka.structs import RecordMetadata

HEADERS = list(COMMAND_HEADERS)
BATCH_BYTES = 256 * 1024
BATCHES_IN_FLIGHT = 32  # of all partitions together: at most 8 MiB wait for the broker
# A batch that was sent and then given up leaves a gap that stops its partition, so nothing is given up before
# the longest outage that a person would sit out.
REQUEST_TIMEOUT_MS = 300_000
STOP_SECONDS = 10


class CannotProduce(Exception):  # noqa: N818 - one line for the person who started the replay
    """The commands cannot be delivered. What was delivered stays: a repeat goes on from there."""


class CommandProducer:
    """Sends records to one topic. `next_offsets` says, per partition, what follows our last record."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self.topic = topic
        self.sent = 0
        self.next_offsets: dict[int, int] = {}
        self._bootstrap = bootstrap
        self.partitions = 0
        self._open: dict[int, BatchBuilder] = {}
        self._flying: set[asyncio.Future[RecordMetadata]] = set()
        self._failure: BaseException | None = None

    async def __aenter__(self) -> Self:
        await self._expect_topic()
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            enable_idempotence=True,
            acks="all",
            request_timeout_ms=REQUEST_TIMEOUT_MS,
            max_batch_size=BATCH_BYTES,
        )
        await self._producer.start()
        self.partitions = len(await self._producer.partitions_for(self.topic))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:  # stopping sends what is still there: that may take for ever when the brokers are gone
            await asyncio.wait_for(self._producer.stop(), STOP_SECONDS)
        except TimeoutError:
            if error is None:
                raise

    async def add(self, key: bytes, value: bytes) -> None:
        """Append a record to its partition's batch, and send the batch when it is full."""
        partition = partition_of(key, self.partitions)
        now = int(time.time() * 1000)
        batch = self._open.get(partition)
        if batch is None:
            batch = self._open[partition] = self._producer.create_batch()
        if batch.append(timestamp=now, key=key, value=value, headers=HEADERS) is None:
            await self._send(partition)
            batch = self._open[partition] = self._producer.create_batch()
            batch.append(timestamp=now, key=key, value=value, headers=HEADERS)  # the first always fits

    async def flush(self) -> None:
        """Send what is open."""
        for partition in tuple(self._open):
            await self._send(partition)

    async def drain(self) -> None:
        """Return when everything was acknowledged. Raises CannotProduce."""
        await self.flush()
        while self._flying:
            await asyncio.wait(self._flying)
        self._raise_failure()

    async def _send(self, partition: int) -> None:
        batch = self._open.pop(partition)
        batch.close()
        records = batch.record_count()
        while len(self._flying) >= BATCHES_IN_FLIGHT:
            await asyncio.wait(self._flying, return_when=asyncio.FIRST_COMPLETED)
        self._raise_failure()
        future = await self._producer.send_batch(batch, self.topic, partition=partition)
        self._flying.add(future)
        future.add_done_callback(lambda done: self._delivered(done, partition, records))
        await asyncio.sleep(0)  # reading and encoding never wait: let the sender have its turn

    def _delivered(self, future: asyncio.Future[RecordMetadata], partition: int, records: int) -> None:
        self._flying.discard(future)
        failure = future.exception()
        if failure:
            self._failure = self._failure or failure
            return
        self.sent += records
        self.next_offsets[partition] = future.result().offset + records

    def _raise_failure(self) -> None:
        if self._failure:
            raise CannotProduce(
                f"{self.topic}: {self._failure!r}. Run the same command again: what was delivered is not "
                "decided twice."
            ) from self._failure

    async def _expect_topic(self) -> None:
        """Refuse a missing topic: asking a producer for it could make the broker create it, wrongly."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
        try:
            await admin.start()
            topics = await admin.list_topics()
        finally:
            await admin.close()
        if self.topic not in topics:
            raise CannotProduce(f"there is no topic {self.topic} at {self._bootstrap}: start a worker first")
