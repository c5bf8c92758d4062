"""Read partitions of topics read_committed, outside of the consumer group: for recovery, positions and standbys."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from app.lane import fetching, patience

fetching.install()

if TYPE_CHECKING:
    from app.lane.config import LaneConfig
    from app.lane.declare import Record
    from app.lane.fetching import Fetched

OUTAGE = (KafkaError, OSError, TimeoutError)  # what a broker's absence looks like: try again
_ATTEMPT = 8.0  # seconds without any answer, after which a new consumer is made
_PACE = 0.02  # seconds between two fetches of what is followed, at least
_RECORDS = 5000  # a batch; about 10 ms of work

Apply = Callable[[TopicPartition, Sequence["Record"], int], None]

log = logging.getLogger(__name__)


async def read(
    config: LaneConfig,
    start: Mapping[TopicPartition, int],
    apply: Apply,
    until: Mapping[TopicPartition, int] | None,
) -> None:
    """Hand everything committed from `start` on to `apply(partition, records, next offset)`, in order.

    With `until`, return when each partition has been read past its offset there; without, go on until cancelled.
    Records that were aborted, commit markers and compacted holes count as read. An outage is waited for.
    """
    at = dict(start)
    todo = set(at)
    while todo:
        try:
            async with _consumer(config, {tp: at[tp] for tp in todo}) as consumer:
                if until is None:
                    await _follow(consumer, todo, at, apply)
                else:
                    await _read_some(consumer, todo, at, apply, until)
        except OUTAGE as error:
            log.warning("reading %s again after %r", _names(todo), error)
            await asyncio.sleep(0.2)


async def _read_some(
    consumer: AIOKafkaConsumer,
    todo: set[TopicPartition],
    at: dict[TopicPartition, int],
    apply: Apply,
    until: Mapping[TopicPartition, int],
) -> None:
    while todo:
        async with asyncio.timeout(_ATTEMPT):
            batches = await consumer.getmany(*todo, timeout_ms=20, max_records=_RECORDS)
        for tp, batch in batches.items():
            at[tp] = batch[-1].offset + 1
            apply(tp, batch, at[tp])
            await asyncio.sleep(0)
        for tp in tuple(todo):
            async with asyncio.timeout(_ATTEMPT):
                position = await consumer.position(tp)
            if position > until[tp]:
                at[tp] = position
                apply(tp, (), position)
                todo.discard(tp)


async def _follow(
    consumer: AIOKafkaConsumer, todo: set[TopicPartition], at: dict[TopicPartition, int], apply: Apply
) -> None:
    """Apply what arrives when it arrives, until cancelled."""
    failed: list[Exception] = []

    def take(found: Sequence[Fetched]) -> None:
        try:
            for tp, batch, position in found:
                apply(tp, batch, position)
                at[tp] = position
        except Exception as error:  # noqa: BLE001 - it belongs to our caller, not to aiokafka's task
            failed.append(error)
            fetching.deliver(consumer, None)

    fetching.deliver(consumer, take, _PACE)
    while not failed:
        async with asyncio.timeout(_ATTEMPT):
            await consumer.getmany(*todo, timeout_ms=500)  # raises what the consumer found wrong
    raise failed[0]


async def ends(
    config: LaneConfig, partitions: Iterable[TopicPartition]
) -> dict[TopicPartition, tuple[int, int]]:
    """Return the first offset that a partition still has and the one after its last stable record.

    Waits for the brokers as long as it takes.
    """
    wanted = list(partitions)
    while True:
        try:
            async with _consumer(config, {}) as consumer, asyncio.timeout(_ATTEMPT):
                first = await consumer.beginning_offsets(wanted)
                last = await consumer.end_offsets(wanted)
                return {tp: (first[tp], last[tp]) for tp in wanted}
        except OUTAGE as error:
            log.warning("asking for the ends of %s again after %r", _names(wanted), error)
            await asyncio.sleep(0.2)


@contextlib.asynccontextmanager
async def _consumer(
    config: LaneConfig, start: Mapping[TopicPartition, int]
) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=list(config.bootstrap),
        client_id=f"{config.app_id}-{config.worker_id}-reader",
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        fetch_max_wait_ms=config.fetch_wait_ms,
        fetch_max_bytes=config.fetch_bytes,
        max_partition_fetch_bytes=config.partition_fetch_bytes,
        request_timeout_ms=int(config.request_timeout * 1000),
    )
    patience.limit(consumer._client)  # noqa: SLF001 - aiokafka has no setting for it
    try:
        async with asyncio.timeout(_ATTEMPT):
            await consumer.start()
        if start:
            consumer.assign(list(start))
            for tp, offset in start.items():
                consumer.seek(tp, offset)
        yield consumer
    finally:
        try:
            async with asyncio.timeout(2):
                await consumer.stop()
        except OUTAGE:
            pass
        except asyncio.CancelledError:
            if patience.we_are_cancelled():
                raise


def _names(partitions: Iterable[Any]) -> str:
    return ", ".join(sorted(f"{tp.topic}-{tp.partition}" for tp in partitions))
