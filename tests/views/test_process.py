"""What readers see of processes: stage, what is waited for, and from when on that is too long."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from app.views.process import process_answer, whole_process
from tests.domain.processes.scenario import Story

if TYPE_CHECKING:
    from app.domain.processes.state import Process


def waiting() -> Process:
    """Return a process that waits for a provider that says nothing."""
    return Story().place().until("authorize-payment").process


def test_a_process_is_stuck_from_its_bound_on() -> None:
    process = waiting()
    (first, *_) = process_answer(process, process.since).waits
    assert first.what.startswith("authorize-payment ")
    assert not process_answer(process, first.since + timedelta(seconds=first.bound_s - 1)).stuck
    late = process_answer(process, first.since + timedelta(seconds=first.bound_s))
    assert (late.stuck, late.waits[0].stuck, late.stage) == (True, True, "paying")


def test_of_one_process_everything_is_told() -> None:
    process = waiting()
    whole = whole_process(process, "cmd-1", process.since)
    assert (whole.order_id, whole.correlation_id, whole.stuck) == ("o-1", "cmd-1", False)
    assert whole.version == process.version
    assert [each.name for each in whole.timers] == [each.name for each in process.timers]


def test_what_is_tried_again_says_when() -> None:
    story = Story().place().until("reserve-stock")
    whole = whole_process(story.process, "cmd-1", story.process.since)
    assert {each.step for each in whole.tasks} == {"reserve-stock"}
    assert all(each.attempt == 1 and each.due > each.since for each in whole.tasks)
