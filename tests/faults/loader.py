"""Sends a workload to the topics of commands, at a rate, and keeps what the broker acknowledged.

An idempotent producer. Where one fails (a gap in its sequence after a long outage), a new one sends the same
messages again: the command ids make that safe, and the checkers see whether it was.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from app.lane.partition import partition_of
from tests.faults.history import Ack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.faults.workload import Message

log = logging.getLogger(__name__)

AT_ONCE = 4000  # messages that wait for their acknowledgement at most
TICK = 0.01


class Loader:
    """`start`, look at `acks` while it goes on, `finish`: then everything that was sent is acknowledged."""

    def __init__(self, bootstrap: str, partitions: int, workload: Iterator[Message], rate: float) -> None:
        self.acks: list[Ack] = []
        self.sent = 0
        self.rebuilt = 0
        self._bootstrap, self._partitions, self._workload, self._rate = bootstrap, partitions, workload, rate
        self._waiting: dict[int, Message] = {}  # by running number: sent and not acknowledged
        self._failed: list[int] = []
        self._finishing = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def finish(self, deadline: float = 120) -> None:
        """Stop sending and wait for every acknowledgement."""
        assert self._task is not None
        self._finishing = True
        await asyncio.wait_for(self._task, deadline)

    async def send_all(self, messages: Iterable[Message]) -> None:
        """Send these, and wait for their acknowledgements. Nothing else is being sent."""
        self._finishing = True
        for number, message in enumerate(messages, self.sent):
            self._waiting[number] = message
        self.sent += len(self._waiting)
        await self._run()

    async def _run(self) -> None:
        while True:
            producer = await self._producer()
            try:
                await self._send(producer)
            except KafkaError as failure:
                self.rebuilt += 1
                log.warning("the loader's producer failed with %r: a new one sends again", failure)
            else:
                return
            finally:
                await _close(producer)

    async def _producer(self) -> AIOKafkaProducer:
        while True:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap,
                enable_idempotence=True,
                linger_ms=5,
                request_timeout_ms=90_000,  # above the longest outage: a batch that expires leaves a gap
            )
            try:
                await producer.start()
            except KafkaError as failure:
                log.warning("the loader cannot start: %r", failure)
                await _close(producer)
                await asyncio.sleep(0.5)
            else:
                return producer

    async def _send(self, producer: AIOKafkaProducer) -> None:
        """Send what the last producer left, then new messages; returns when all are acknowledged."""
        self._failed.clear()
        for number in list(self._waiting):
            await self._one(producer, number)
        began, before = time.monotonic(), self.sent
        while not self._finishing or self._waiting:
            due = before + int((time.monotonic() - began) * self._rate)
            while self.sent < due and not self._finishing and len(self._waiting) < AT_ONCE:
                self._waiting[self.sent] = next(self._workload)
                await self._one(producer, self.sent)
                self.sent += 1
            if len(self._waiting) >= AT_ONCE:  # an outage: what was due in it is not sent later
                began, before = time.monotonic(), self.sent
            if self._failed:
                raise KafkaError(f"{len(self._failed)} messages were not acknowledged")
            await asyncio.sleep(TICK)

    async def _one(self, producer: AIOKafkaProducer, number: int) -> None:
        message = self._waiting[number]
        partition = (partition_of(message.key, self._partitions) + message.misplaced) % self._partitions
        future = await producer.send(message.topic, message.value, key=message.key, partition=partition)
        future.add_done_callback(lambda done: self._answered(number, done))

    def _answered(self, number: int, done: asyncio.Future[object]) -> None:
        if done.cancelled() or done.exception() is not None:
            self._failed.append(number)
            return
        message = self._waiting.pop(number, None)
        where = done.result()
        if message is not None and message.command is not None:
            self.acks.append(Ack(message.command, message.topic, where.partition, where.offset))  # type: ignore[attr-defined]


async def _close(producer: AIOKafkaProducer) -> None:
    try:
        await asyncio.wait_for(producer.stop(), 5)
    except (KafkaError, TimeoutError) as failure:
        log.warning("the loader's producer did not stop: %r", failure)
