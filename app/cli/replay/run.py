"""One replay: send the commands of a source, wait until they are decided, read what became of them."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, NamedTuple

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.cli.replay.decisions import places, read_decisions
from app.cli.replay.produce import CommandProducer
from app.cli.replay.source import Draft
from app.cli.replay.summary import Counts
from app.cli.replay.waiting import wait_until_decided
from app.topics import ORDER_COMMANDS
from app.wire.orders import encode_order_command

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.cli.replay.decisions import Decisions
    from app.cli.replay.pace import Pace
    from app.cli.replay.source import Item
    from app.settings import Settings


class Result(NamedTuple):
    """What was read, sent and decided."""

    counts: Counts
    commands: int
    sent_after: float  # seconds
    decided_after: float  # seconds
    decisions: Decisions | None  # None: nobody waited


async def replay(items: Iterable[Item], settings: Settings, pace: Pace, patience: float | None) -> Result:
    """Send the commands. With `patience` (seconds without progress), wait until they are decided.

    Raises SourceUnusable, CannotProduce, Undecided, and KafkaError when there is no broker.
    """
    started = time.monotonic()
    counts, command_ids, decisions = Counts(), set[str](), None
    with _progress() as progress:
        async with CommandProducer(settings.kafka_url, ORDER_COMMANDS.name) as producer:
            run = await places(settings.kafka_url, producer.partitions)
            await _send(items, producer, pace, progress, counts, command_ids)
        sent_after = decided_after = time.monotonic() - started
        if patience is not None:
            await _wait(settings, producer, progress, patience)
            decided_after = time.monotonic() - started
            decisions = await read_decisions(run, command_ids)
    return Result(counts, len(command_ids), sent_after, decided_after, decisions)


async def _send(
    items: Iterable[Item],
    producer: CommandProducer,
    pace: Pace,
    progress: Progress,
    counts: Counts,
    command_ids: set[str],
) -> None:
    bar = progress.add_task("lines sent", total=None)
    for item in items:
        counts.add(item)
        progress.update(bar, total=counts.lines, completed=counts.lines_accounted)
        if isinstance(item, Draft):
            early = pace.seconds_until(item.at)
            if early:
                await producer.flush()
                await asyncio.sleep(early)
            command_ids.add(item.command_id)
            value = encode_order_command(
                id=item.command_id, subject=item.order_id, data=item.data, time=item.at
            )
            await producer.add(item.order_id.encode(), value)
    await producer.drain()
    counts.close()


async def _wait(settings: Settings, producer: CommandProducer, progress: Progress, patience: float) -> None:
    bar = progress.add_task("commands decided", total=producer.sent)
    await wait_until_decided(
        settings.kafka_url,
        settings.app_id,
        producer.topic,
        producer.next_offsets,
        patience=patience,
        left=lambda records: progress.update(bar, completed=max(0, producer.sent - records)),
    )


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description:<17}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    )
