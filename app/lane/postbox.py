"""The way into Kafka for whoever is no lane: HTTP, and agents that call the world outside.

A record is delivered when all replicas have it. It lies where Java's partitioner puts its key, and the records of one
key keep their order. A sender that hears `Undelivered` knows nothing: it sends the same again, under the same id.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from app.lane import patience
from app.lane.partition import partition_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.lane.turn import Output

log = logging.getLogger(__name__)

_CLOSE = 2.0  # seconds for what is under way, and for closing connections


class Undelivered(Exception):  # noqa: N818 - said by its name
    """Kafka has not acknowledged the records in time. Some of them may be there, or come yet."""


class Postbox:
    """One idempotent producer. It connects at the first delivery, and anew after a failure that ended it."""

    def __init__(
        self,
        brokers: str,
        client_id: str,
        *,
        partitions: int,
        largest: int,
        request_timeout: float = 5.0,
        deadline: float = 5.0,
    ) -> None:
        self._brokers = brokers
        self._client_id = client_id
        self._partitions = partitions
        self._largest = largest  # bytes of a record
        self._request_timeout = request_timeout
        self._deadline = deadline
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def deliver(self, topic: str, letters: Sequence[Output], partition: int | None = None) -> None:
        """Return when all letters (key, value, headers) are acknowledged. Raises `Undelivered`.

        `partition`: for topics in which the key does not decide.
        """
        used = None
        try:
            async with asyncio.timeout(self._deadline):
                used = await self._connected()
                waiting = []
                for key, value, headers in letters:
                    where = partition_of(key or b"", self._partitions) if partition is None else partition
                    waiting.append(await used.send(topic, value, key, where, headers=list(headers)))
                await asyncio.gather(*waiting)
        except TimeoutError:  # the producer goes on trying, in its order
            raise Undelivered(f"{topic}: not acknowledged in {self._deadline:g} s") from None
        except (KafkaError, OSError) as wrong:  # after some of these it never sends again
            await self._let_go(used)
            raise Undelivered(f"{topic}: {wrong!r}") from wrong

    async def close(self) -> None:
        await self._let_go(self._producer)

    async def _connected(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                self._producer = await self._connect()
            return self._producer

    async def _connect(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._brokers,
            client_id=self._client_id,
            enable_idempotence=True,  # and so acks=all
            request_timeout_ms=int(self._request_timeout * 1000),
            max_request_size=self._largest + 2048,
        )
        patience.limit(producer.client)
        try:
            await producer.start()
        except BaseException:
            await _end(producer)
            raise
        return producer

    async def _let_go(self, producer: AIOKafkaProducer | None) -> None:
        if producer is None or producer is not self._producer:
            return  # another delivery has seen to it
        self._producer = None
        await _end(producer)


async def _end(producer: AIOKafkaProducer) -> None:
    """Close a producer: in good order if that is quick, and otherwise at once."""
    try:
        async with asyncio.timeout(_CLOSE):
            await producer.stop()
    except (Exception, asyncio.CancelledError) as error:  # it lets out whatever ended its tasks
        if patience.we_are_cancelled():
            raise
        log.warning("closing a producer: %r", error)
        sender = producer._sender.sender_task  # noqa: SLF001 - it outlives a stop that was cut short
        if sender is not None:
            sender.cancel()
        with contextlib.suppress(KafkaError, OSError, TimeoutError):
            async with asyncio.timeout(_CLOSE):
                await producer.client.close()
