"""What is to be done about the units of a line: reserve, release, and tell the order."""

from datetime import datetime

from app.domain.processes.state import Line, Process, Task
from app.domain.processes.steps import Step


def to_reserve(line: Line) -> bool:
    """True while units are wanted that the stock neither gave nor refused nor was asked to let go."""
    return bool(line.keep) and not line.answered and not line.refused and line.let_go != 0


def is_ready(line: Line, *, backorder: bool) -> bool:
    """True when a line holds what the order wants of it, or may wait for the rest."""
    return not line.keep or (line.answered and (backorder or not line.waiting))


def keep_of(process: Process, line: Line) -> int:
    """How many units of a line are wanted in the end, those that left included."""
    return line.shipped if process.failing else max(line.keep, line.shipped)


def to_release(process: Process, line: Line) -> bool:
    """True when the stock holds more than is wanted, or may do so, and did not acknowledge that it is too much."""
    if not process.version:
        return False  # nobody knows yet what is wanted
    keep = keep_of(process, line)
    may_hold = line.held + line.waiting + line.gone if line.answered else line.asked
    if line.refused or may_hold <= keep:
        return False
    return line.let_go is None or line.let_go > keep


def to_tell(process: Process, line: Line) -> bool:
    """True while the order does not know what the stock holds for a line."""
    reserved, backordered, revision = line.told
    news = (line.held + line.gone, line.waiting) != (reserved, backordered)
    return bool(process.version) and line.answered and news and line.revision > revision


def telling(process: Process, now: datetime) -> list[Task]:
    """Return what the order is to be told of the stock."""
    tasks = []
    for line in process.lines:
        if to_tell(process, line):
            nothing = not line.held and not line.gone and not line.waiting
            tasks.append(
                Task(
                    step=Step.RELEASE_RESERVATION if nothing else Step.RECORD_RESERVATION,
                    key=process.order_id,
                    ids=(line.line_id, str(line.revision)),
                    amount=line.held + line.gone,
                    extra=line.waiting,
                    since=now,
                    due=now,
                )
            )
    return tasks
