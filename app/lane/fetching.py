"""Hand over what was fetched when it arrives.

aiokafka keeps an answer until somebody asks for its records, and leaves their partitions out of every fetch until
then. A record that arrives meanwhile waits until the fetch of the *other* partitions is answered: up to the time that
a broker may hold one back, at every low rate. Here an answer goes straight to `deliver`, so that each fetch asks for
all partitions, and a broker may hold it back for long: an idle worker costs next to nothing.

Of what aiokafka does, everything else stays: leaders, retries, offsets that are gone, what was aborted. Errors are
kept for whoever asks (`AIOKafkaConsumer.getmany`).
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from aiokafka.consumer import consumer as upstream_consumer
from aiokafka.consumer import fetcher as upstream
from aiokafka.errors import CorruptRecordException

from app.lane import records

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiokafka import AIOKafkaConsumer, TopicPartition

    from app.lane.declare import Record


class Fetched(NamedTuple):
    """What one answer brought of one partition. Without records: markers, or what was aborted."""

    source: TopicPartition
    records: list[Record]
    position: int  # the next to read


class Fetcher(upstream.Fetcher):
    """aiokafka's fetcher, with somebody who takes what it fetches."""

    deliver: Callable[[list[Fetched]], None] | None = None
    pace = 0.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asked: dict[int, float] = {}  # when each broker was asked last

    async def _proc_fetch_request(self, assignment: Any, node_id: int, request: Any) -> bool:
        early = self._asked.get(node_id, 0.0) + self.pace - time.monotonic()
        if early > 0:
            try:
                await asyncio.sleep(early)
            except asyncio.CancelledError:
                return False  # as upstream does: whoever cancels it awaits it
        self._asked[node_id] = time.monotonic()
        news: bool = await super()._proc_fetch_request(assignment, node_id, request)
        if self.deliver is not None and assignment.active:
            found = [each for tp in tuple(self._records) if (each := self._taken(tp, assignment)) is not None]
            if found:
                self.deliver(found)
        return news

    def _taken(self, tp: TopicPartition, assignment: Any) -> Fetched | None:
        """Take the records of a partition off the shelf; errors stay there."""
        result: Any = self._records[tp]
        if type(result) is not upstream.FetchResult:
            return None
        del self._records[tp]
        state, fetched = assignment.state_value(tp), result._partition_records  # noqa: SLF001 - no public way
        if state is None or not state.has_valid_position or state.position != fetched.next_fetch_offset:
            return None  # the position was set anew meanwhile: this answer is to an old question
        taken: list[Record] = []
        try:
            taken.extend(fetched)  # what came before an error stays
        except CorruptRecordException as error:
            self._set_error(tp, error)
        state.consumed_to(fetched.next_fetch_offset)
        return Fetched(tp, taken, fetched.next_fetch_offset)


def deliver(
    consumer: AIOKafkaConsumer, to: Callable[[list[Fetched]], None] | None, pace: float = 0.0
) -> None:
    """Let a started consumer hand over what it fetches, in its own loop; with None, keep it for `getmany`.

    Between two fetches there are at least `pace` seconds: a fetch for each record would cost more than its record.
    """
    consumer._fetcher.deliver, consumer._fetcher.pace = to, pace  # noqa: SLF001 - ours


def install() -> None:
    """Let aiokafka's consumers fetch with this. It has no parameter for it."""
    records.install()
    upstream_consumer.Fetcher = Fetcher
