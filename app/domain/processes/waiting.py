"""How far a process has got, and what it waits for: nothing waits unseen."""

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from app.domain.order.commands.checkout import Checkout
from app.domain.processes import goods
from app.domain.processes.state import CartIs, Process
from app.domain.processes.steps import BOUND, PROVIDER_BOUND, Step


class Stage(StrEnum):
    """Where the processes of an order are."""

    WATCHING = "watching"
    CLAIMING = "claiming"
    RESERVING = "reserving"
    PAYING = "paying"
    ON_HOLD = "on-hold"
    CONFIRMING = "confirming"
    CONFIRMED = "confirmed"
    GIVING_UP = "giving-up"
    ENDING = "ending"
    ENDED = "ended"


class Waiting(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Something that a process waits for. `code`: why it was refused when it was asked for last."""

    what: str
    since: datetime
    bound: timedelta
    code: str = ""


def stage(process: Process) -> Stage:
    """Return the first that is true. `watching`: no checkout was asked for."""
    if process.ended:
        return Stage.ENDING if process.tasks or process.money.awaited else Stage.ENDED
    if process.failing:
        return Stage.GIVING_UP
    if process.confirmed:
        return Stage.CONFIRMED
    return Stage.WATCHING if process.asked is None else _of_checkout(process, process.asked)


def _of_checkout(process: Process, asked: Checkout) -> Stage:
    if process.cart_id is not None and process.cart is CartIs.UNCLAIMED:
        return Stage.CLAIMING
    if not all(goods.is_ready(line, backorder=asked.backorder) for line in process.lines):
        return Stage.RESERVING
    if not process.money.covered:
        return Stage.PAYING
    return Stage.ON_HOLD if process.on_hold else Stage.CONFIRMING


def waits(process: Process) -> tuple[Waiting, ...]:
    """Return all that a process waits for; nothing, when it has nothing to do."""
    waiting = [
        Waiting(what=" ".join([task.step.value, *task.ids]), since=task.since, bound=BOUND, code=task.code)
        for task in process.tasks
    ]
    waiting += [
        Waiting(what=each.what, since=each.since, bound=PROVIDER_BOUND) for each in process.money.awaited
    ]
    if not process.failing and not process.ended:
        waiting += [
            Waiting(
                what=f"{Step.RESERVE_STOCK} {line.line_id}",
                since=process.since,
                bound=BOUND,
                code=line.refused,
            )
            for line in process.lines
            if line.refused
        ]
    now = stage(process)
    if not waiting and now not in (Stage.WATCHING, Stage.CONFIRMED, Stage.ENDED):
        waiting.append(Waiting(what=now.value, since=process.since, bound=BOUND))
    return tuple(waiting)


def stuck(process: Process, now: datetime) -> tuple[Waiting, ...]:
    """Return what a process has waited for longer than its bound."""
    return tuple([each for each in waits(process) if each.since + each.bound <= now])
