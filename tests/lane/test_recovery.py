"""What recovery refuses before it starts, and what it says while it runs."""

from __future__ import annotations

import asyncio
import logging

import pytest
from aiokafka import TopicPartition

from app.lane import recovery
from app.lane.declare import Keep
from app.lane.recovery import Progress, StateMismatch, check_start

LOG = TopicPartition("changelog", 3)
OTHER = TopicPartition("other", 3)


def start(offset: int, *, first: int = 0, last: int | None = 100, keep: Keep = Keep.LATEST) -> int:
    return check_start(LOG, offset, first=first, last=last, keep=keep)


def test_recovery_goes_on_where_the_database_ends() -> None:
    assert start(0) == 0
    assert start(40) == 40
    assert start(100) == 100, "nothing is missing"
    assert start(40, first=40) == 40


def test_a_disk_that_is_ahead_of_the_topic_is_refused() -> None:
    with pytest.raises(StateMismatch, match=r"changelog-behind: .*changelog-3 up to offset 101.*ends at 100"):
        start(101)


def test_where_the_end_is_not_known_the_disk_is_believed() -> None:
    assert start(101, last=None) == 101


@pytest.mark.parametrize("keep", [Keep.LATEST, Keep.EVERYTHING])
def test_a_gap_between_disk_and_topic_is_refused(keep: Keep) -> None:
    with pytest.raises(StateMismatch, match=r"changelog-gap: changelog-3 begins at offset 41.*ends at 40"):
        start(40, first=41, keep=keep)


def test_what_is_kept_for_a_while_may_be_gone() -> None:
    assert start(40, first=41, keep=Keep.A_WHILE) == 41


def test_a_position_that_the_topic_has_not_is_named() -> None:
    text = str(StateMismatch.position(LOG, 7, 10, 20))
    assert text.startswith("offsets-gone: changelog-3 goes on at offset 7, and the topic has 10 to 20")


def test_progress_counts_rows_and_what_is_left() -> None:
    progress = Progress()
    progress.begin({LOG: 10, OTHER: 0}, {LOG: 109, OTHER: 49})
    assert "2 records" not in progress.line()
    assert progress.line().endswith(", 1 partitions and 150 records left")
    progress.advance(LOG, 30, 60)
    assert progress.line().startswith("recovery: 30 rows, ")
    assert progress.line().endswith("1 partitions and 100 records left")
    progress.advance(LOG, 0, 110)  # the last one was a marker
    assert progress.left == {OTHER: 50}
    progress.advance(OTHER, 50, 50)
    assert progress.left == {}
    assert "80 rows" in progress.line()
    assert progress.line().endswith("0 partitions and 0 records left")


def test_records_of_a_standby_are_not_counted_as_recovered() -> None:
    progress = Progress()
    progress.begin({LOG: 0}, {LOG: 9})
    progress.advance(OTHER, 5, 5)
    assert (progress.rows, progress.left) == (0, {LOG: 10})


async def test_progress_is_told_now_and_then_and_at_the_end(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, recovery.__name__)
    monkeypatch.setattr(recovery, "_EVERY", 0.0)
    progress = Progress()
    progress.begin({LOG: 0}, {LOG: 9})
    async with progress.reported():
        while not caplog.messages:  # noqa: ASYNC110 - the loop gets turns until it has told
            await asyncio.sleep(0)
        progress.advance(LOG, 10, 10)
    assert caplog.messages[0].endswith("10 records left")
    assert caplog.messages[-1].endswith("0 records left")
    told = len(caplog.messages)
    await asyncio.sleep(0.01)
    assert len(caplog.messages) == told, "nothing is told after the end"
