"""Drafts to their topics: in their order where it matters, and held back where one must wait for another."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Self

from aiokafka import TopicPartition

from app.cli.replay.addresses import COMMAND_TOPICS, WORKING_TOPICS, addressed
from app.cli.replay.held_back import HeldBack
from app.cli.replay.produce import CommandProducer
from app.cli.replay.waiting import wait_until_settled

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from app.cli.replay.source import Draft
    from app.settings import Settings


class Sending:
    """Sends drafts. `left(records)` is called while the workers are waited for.

    `patience`: for how many seconds they may make no progress.
    """

    def __init__(self, settings: Settings, patience: float, left: Callable[[int], None]) -> None:
        self.sent = 0
        self.partitions = 0
        self._settings = settings
        self._patience = patience
        self._left = left
        self._producers: dict[str, CommandProducer] = {}
        self._stack = AsyncExitStack()
        self._held_back = HeldBack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            for topic in COMMAND_TOPICS:
                producer = CommandProducer(self._settings.kafka_url, topic)
                self._producers[topic] = await stack.enter_async_context(producer)
                self.partitions = producer.partitions
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    @property
    def next_offsets(self) -> dict[TopicPartition, int]:
        """What follows our last record, on each partition of each topic."""
        return {
            TopicPartition(topic, partition): offset
            for topic, producer in self._producers.items()
            for partition, offset in producer.next_offsets.items()
        }

    async def send(self, draft: Draft) -> None:
        """Send it, or hold it back; with too much held back, settle first what was sent. Raises Undecided."""
        if self._held_back.goes(draft):
            await self._send(draft)
        if self._held_back.is_full:
            await self.settle()

    async def flush(self) -> None:
        """Send what was collected for a fuller batch."""
        for producer in self._producers.values():
            await producer.flush()

    async def finish(self) -> None:
        """Send all that was held back, and return when the broker has everything. Raises Undecided."""
        while self._held_back:
            await self.settle()
        await self._drain()

    async def settle(self) -> None:
        """Wait until all that was sent is settled, and send what waited for it."""
        await self._drain()
        await wait_until_settled(
            self._settings.kafka_url,
            self._settings.app_id,
            WORKING_TOPICS,
            self.partitions,
            patience=self._patience,
            left=self._left,
        )
        for draft in self._held_back.settled():
            await self._send(draft)

    async def _send(self, draft: Draft) -> None:
        topic, value = addressed(draft)
        await self._producers[topic].add(draft.key.encode(), value)
        self.sent += 1

    async def _drain(self) -> None:
        for producer in self._producers.values():
            await producer.drain()
