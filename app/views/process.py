"""What a reader gets of the processes of an order: how far they are, and what they wait for, since when and how long
that may take.
"""

from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import asdict

from app.domain.processes.state import Process
from app.domain.processes.waiting import Stage, Waiting, stage, waits


class WaitingAnswer(Struct, frozen=True, kw_only=True, gc=False):
    """Something that is waited for. It is `stuck` from `bound_s` seconds on. `code`: why it was refused last."""

    what: str
    since: datetime
    bound_s: int
    stuck: bool
    code: str


class ProcessAnswer(Struct, frozen=True, kw_only=True, gc=False):
    """The processes of one order. `since`: when the stage began. `failing`: why the checkout gives up."""

    order_id: str
    stage: Stage
    since: datetime
    stuck: bool
    failing: str
    waits: tuple[WaitingAnswer, ...]


class TimerAnswer(Struct, frozen=True, kw_only=True, gc=False):
    """Something that is done at a time, if nothing happens before."""

    name: str
    due: datetime


class TaskAnswer(Struct, frozen=True, kw_only=True, gc=False):
    """Something that is to be done and not acknowledged. `due`: when it is tried again."""

    step: str
    key: str
    ids: tuple[str, ...]
    attempt: int
    since: datetime
    due: datetime
    code: str


class WholeProcess(ProcessAnswer, frozen=True, kw_only=True, gc=False):
    """All that is asked of one order's processes. `version`: that of the order, so far as they know it."""

    version: int
    correlation_id: str
    tasks: tuple[TaskAnswer, ...]
    timers: tuple[TimerAnswer, ...]


def process_answer(process: Process, now: datetime) -> ProcessAnswer:
    """Return what a list says of a process."""
    waiting = _waits(process, now)
    return ProcessAnswer(
        order_id=process.order_id,
        stage=stage(process),
        since=process.since,
        stuck=any(each.stuck for each in waiting),
        failing=process.failing,
        waits=waiting,
    )


def whole_process(process: Process, correlation_id: str, now: datetime) -> WholeProcess:
    """Return all of a process."""
    return WholeProcess(
        **asdict(process_answer(process, now)),
        version=process.version,
        correlation_id=correlation_id,
        tasks=tuple(
            [
                TaskAnswer(
                    step=each.step,
                    key=each.key,
                    ids=each.ids,
                    attempt=each.attempt,
                    since=each.since,
                    due=each.due,
                    code=each.code,
                )
                for each in process.tasks
            ]
        ),
        timers=tuple([TimerAnswer(name=each.name, due=each.due) for each in process.timers]),
    )


def _waits(process: Process, now: datetime) -> tuple[WaitingAnswer, ...]:
    return tuple([_waiting(each, now) for each in waits(process)])


def _waiting(waiting: Waiting, now: datetime) -> WaitingAnswer:
    return WaitingAnswer(
        what=waiting.what,
        since=waiting.since,
        bound_s=waiting.bound // timedelta(seconds=1),
        stuck=waiting.since + waiting.bound <= now,
        code=waiting.code,
    )
