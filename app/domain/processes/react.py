"""One step of the processes of an order: what was heard, what is known then, what is to be done about it.

The commands of one reaction are in the order of `wanted`. A task that stands is not sent again before it is due; one
that is no longer wanted is done, or has lost its reason.
"""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from app.domain.payment.state import EMPTY
from app.domain.processes import goods
from app.domain.processes.acknowledging import OWED
from app.domain.processes.checkout import forward, why_it_fails
from app.domain.processes.ending import backward
from app.domain.processes.expiry import elapsed, timers_of
from app.domain.processes.hearing import hear
from app.domain.processes.inputs import Heard, OrderHeard, TimerFired
from app.domain.processes.sending import Command, command_of
from app.domain.processes.state import Line, Process, Task, Timer
from app.domain.processes.steps import Step, backoff
from app.domain.processes.waiting import stage


class SetTimer(Struct, frozen=True, kw_only=True, gc=False):
    """Have `TimerFired` with this name at `due`. A timer of this name that is set is moved."""

    name: str
    due: datetime


class CancelTimer(Struct, frozen=True, kw_only=True, gc=False):
    """Forget the timer of this name."""

    name: str


class Reaction(Struct, frozen=True, kw_only=True, gc=False):
    """The process after it heard something (None: there is nothing to remember), and what it does."""

    process: Process | None
    commands: tuple[Command, ...] = ()
    timers: tuple[SetTimer | CancelTimer, ...] = ()


def react(process: Process | None, order_id: str, heard: Heard, now: datetime) -> Reaction:
    """Return what the processes of an order do about what they hear."""
    if isinstance(heard, TimerFired):
        now = max(now, heard.due)  # whoever fires a timer may have a clock that is a little behind
    if process is None and isinstance(heard, OrderHeard) and not _concerns(heard):
        return Reaction(process=None)
    before = process or Process(order_id=order_id, since=now)
    after = hear(before, heard, now)
    if after is before:
        return Reaction(process=process)
    after = replace(after, failing=why_it_fails(after))
    after = numbered(after, merged(after, wanted(after, now)))
    tasks, commands = _send(after, now)
    after = replace(_asking(after, tasks), tasks=tasks)
    timers = timers_of(after, now)
    moved = _moved(after.timers, timers)
    since = before.since if stage(after) is stage(before) else now
    after = replace(after, timers=timers, since=since)
    if process is None and isinstance(heard, OrderHeard) and is_idle(after):
        return Reaction(process=None)
    return Reaction(process=after, commands=commands, timers=moved)


def _concerns(heard: OrderHeard) -> bool:
    """False for an order without checkout and payments: most events of most shops end here."""
    return heard.order.asked is not None or heard.order.ledger != EMPTY


def is_idle(process: Process) -> bool:
    """True when there is nothing to do, nothing to wait for and nothing to remember."""
    return (
        process.asked is None
        and not process.tasks
        and not process.money.awaited
        and not process.timers
        and not any(line.answered for line in process.lines)
    )


def wanted(process: Process, now: datetime) -> list[Task]:
    """Return what is to be done, by all that is known: backward before forward, then what is to be told."""
    tasks = backward(process, now)
    tasks += forward(process, now)
    tasks += elapsed(process, now)
    tasks += goods.telling(process, now)
    return tasks


def merged(process: Process, wanted: list[Task]) -> tuple[Task, ...]:
    """Return the tasks that an event asked for and all that are wanted; those that stand stay as they are."""
    standing = {task.name: task for task in process.tasks}
    alike = {_alike(task): task for task in process.tasks}
    tasks = [task for task in process.tasks if task.step in OWED]
    for task in wanted:
        known = standing.get(task.name)
        if known is None:
            before = alike.get(_alike(task))
            known = task if before is None else replace(task, since=before.since)
        tasks.append(known)
    return tuple(tasks)


def numbered(process: Process, tasks: tuple[Task, ...]) -> Process:
    """Return the process with these tasks, each new one with the next number: what comes back is another task."""
    number, counted = process.numbered, []
    for task in tasks:
        number += not task.number
        counted.append(task if task.number else replace(task, number=number))
    return replace(process, tasks=tuple(counted), numbered=number)


def _alike(task: Task) -> tuple[str, ...]:
    """What stays of a task that is asked for anew, in another amount or with another id: it still waits."""
    return (task.step.value, task.key, *task.ids[:1])


def _send(process: Process, now: datetime) -> tuple[tuple[Task, ...], tuple[Command, ...]]:
    kept, commands = [], []
    for task in process.tasks:
        if task.due <= now:
            attempt = task.attempt + 1
            sent = replace(task, attempt=attempt, due=now + backoff(attempt))
            commands.append(command_of(process, sent, now))
            kept.append(sent)
        else:
            kept.append(task)
    return tuple(kept), tuple(commands)


def _asking(process: Process, tasks: tuple[Task, ...]) -> Process:
    """Remember how many units were asked of the stock: asked again, it must be for as many."""
    asked = {task.ids[0]: task.amount for task in tasks if task.step is Step.RESERVE_STOCK}
    if not asked:
        return process

    def after(line: Line) -> Line:
        return replace(line, asked=asked[line.line_id]) if line.line_id in asked else line

    return replace(process, lines=tuple([after(line) for line in process.lines]))


def _moved(before: tuple[Timer, ...], after: tuple[Timer, ...]) -> tuple[SetTimer | CancelTimer, ...]:
    was = {timer.name: timer.due for timer in before}
    names = {timer.name for timer in after}
    cancelled = [CancelTimer(name=name) for name in was if name not in names]
    moved = [SetTimer(name=each.name, due=each.due) for each in after if was.get(each.name) != each.due]
    return (*cancelled, *moved)
