"""One replay: send the commands of a source, wait until all is settled, read what became of them."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, NamedTuple

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.cli.replay.addresses import WORKING_TOPICS
from app.cli.replay.counts import Counts
from app.cli.replay.decisions import places, read_decisions
from app.cli.replay.sending import Sending
from app.cli.replay.source import Draft
from app.cli.replay.waiting import wait_until_decided, wait_until_settled

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


async def replay(
    items: Iterable[Item], settings: Settings, pace: Pace, patience: float, *, wait: bool = True
) -> Result:
    """Send the commands, and `wait` until they are decided and all that follows from them is.

    `patience`: seconds without progress. Raises SourceUnusable, CannotProduce, Undecided, and KafkaError when there
    is no broker.
    """
    started = time.monotonic()
    counts, command_ids, decisions = Counts(), set[str](), None
    with _progress() as progress:
        settling = progress.add_task("left to settle", total=None, visible=False)

        def left(records: int) -> None:
            progress.update(settling, visible=bool(records), completed=records)

        async with Sending(settings, patience, left) as sending:
            run = await places(settings.kafka_url, sending.partitions)
            await _send(items, sending, pace, progress, counts, command_ids)
            sent_after = decided_after = time.monotonic() - started
        if wait:
            await _wait(settings, sending, progress, patience)
            decided_after = time.monotonic() - started
            decisions = await read_decisions(run, command_ids)
            await wait_until_settled(
                settings.kafka_url,
                settings.app_id,
                WORKING_TOPICS,
                sending.partitions,
                patience=patience,
                left=left,
            )
    return Result(counts, len(command_ids), sent_after, decided_after, decisions)


async def _send(
    items: Iterable[Item],
    sending: Sending,
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
                await sending.flush()
                await asyncio.sleep(early)
            command_ids.add(item.command_id)
            await sending.send(item)
    await sending.finish()
    counts.close()


async def _wait(settings: Settings, sending: Sending, progress: Progress, patience: float) -> None:
    bar = progress.add_task("commands decided", total=sending.sent)
    await wait_until_decided(
        settings.kafka_url,
        settings.app_id,
        sending.next_offsets,
        patience=patience,
        left=lambda records: progress.update(bar, completed=max(0, sending.sent - records)),
    )


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description:<17}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    )
