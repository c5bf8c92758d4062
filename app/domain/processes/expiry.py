"""What time brings about: unpaid orders expire, authorisations end, unanswered tasks are sent again.

Nothing here depends on a timer having fired: it depends on the moment at which anything is heard. A timer is there so
that something is heard in time.
"""

from datetime import datetime, timedelta
from typing import Final

from app.domain.processes.state import Process, Task, Timer
from app.domain.processes.steps import Step

RETRY: Final = "retry"
PAY: Final = "pay"
AUTHORIZATION: Final = "authorization"


def elapsed(process: Process, now: datetime) -> list[Task]:
    """Return what is to be done because its time has come."""
    tasks = [
        Task(
            step=Step.RECORD_AUTHORIZATION_EXPIRED,
            key=process.order_id,
            ids=(held.payment_id,),
            since=now,
            due=now,
        )
        for held in process.money.held
        if held.until is not None and held.until <= now
    ]
    until = pay_until(process)
    if until is not None and until <= now:
        tasks.append(Task(step=Step.EXPIRE_ORDER, key=process.order_id, since=now, due=now))
    return tasks


def pay_until(process: Process) -> datetime | None:
    """Return when the order expires: while nothing covers it, and nobody confirmed it."""
    asked, placed_at = process.asked, process.placed_at
    if asked is None or placed_at is None or asked.pay_within_s is None:
        return None
    if process.ended or process.confirmed or process.failing or process.money.covered:
        return None
    return placed_at + timedelta(seconds=asked.pay_within_s)


def timers_of(process: Process, now: datetime) -> tuple[Timer, ...]:
    """Return the timers that must be set: one for each kind of thing that can be due."""
    timers = []
    if process.tasks:
        timers.append(Timer(name=RETRY, due=min([task.due for task in process.tasks])))
    until = pay_until(process)
    if until is not None and until > now:
        timers.append(Timer(name=PAY, due=until))
    ends = [held.until for held in process.money.held if held.until is not None and held.until > now]
    if ends:
        timers.append(Timer(name=AUTHORIZATION, due=min(ends)))
    return tuple(timers)
