"""What a process knows after it heard something. What it heard before says nothing new, and is told by its version."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, assert_never

from msgspec.structs import replace

from app.domain.cart.events import CartClaimed
from app.domain.order.events import ReservationRecorded, ReservationReleased
from app.domain.processes import acknowledging, returning, shipping
from app.domain.processes.ids import stem_of
from app.domain.processes.inputs import (
    Answered,
    CartHeard,
    Heard,
    OrderHeard,
    OrderSeen,
    ReservationEvent,
    ReturnHeard,
    StockHeard,
    TimerFired,
)
from app.domain.processes.known import Known, KnownLine
from app.domain.processes.money import money_of
from app.domain.processes.sending import stem
from app.domain.processes.state import CartIs, Line, Process, Task
from app.domain.processes.steps import Step
from app.domain.stock import events as stock


def hear(process: Process, heard: Heard, now: datetime) -> Process:
    """Return the process that knows it. The same object, when it says nothing new."""
    return HEAR[type(heard)](process, heard, now)


def _order(process: Process, heard: OrderHeard, now: datetime) -> Process:
    if heard.version <= process.heard:
        return process
    if heard.order.version > process.version:
        process = _known(process, heard.order, now, money_stays=_costs_nothing(process, heard))
    process = acknowledging.by_order(replace(process, heard=heard.version), heard.event)
    return shipping.shipped(process, heard.event, now)


def _seen(process: Process, heard: OrderSeen, now: datetime) -> Process:
    return process if heard.order.version <= process.version else _known(process, heard.order, now)


def _known(process: Process, order: Known, now: datetime, *, money_stays: bool = False) -> Process:
    before = {line.line_id: line for line in process.lines}
    return replace(
        process,
        version=order.version,
        placed_at=order.placed_at,
        asked=order.asked,
        cart_id=order.cart_id if order.asked is not None else None,
        lines=tuple([_line(order, line, before.get(line.line_id)) for line in order.lines]),
        money=process.money if money_stays else money_of(order, process.money, now),
        ended=order.ended,
        confirmed=order.confirmed,
        on_hold=order.held,
    )


def _costs_nothing(process: Process, heard: OrderHeard) -> bool:
    """True when the money is as it was: what the stock holds is told to an order more often than anything else."""
    next_one = heard.version == heard.order.version == process.version + 1
    return next_one and isinstance(heard.event, ReservationRecorded | ReservationReleased)


def _line(order: Known, line: KnownLine, before: Line | None) -> Line:
    item_id = "" if order.asked is None else order.asked.item_id(line.sku)
    return replace(
        before or Line(line_id=line.line_id, item_id=item_id),
        keep=line.ordered - line.cancelled,
        shipped=line.shipped,
        told=(line.reserved, line.backordered, line.revision),
    )


def _stock(process: Process, heard: StockHeard, _now: datetime) -> Process:
    process = acknowledging.by_stock(process, heard)
    found = next((line for line in process.lines if line.line_id == heard.line_id), None)
    line = found or Line(line_id=heard.line_id)
    event = heard.event
    if isinstance(event, stock.StockRestocked) or line.item_id not in ("", heard.item_id):
        return process  # what another warehouse does for a line is its own affair
    if heard.version <= line.revision:
        return process
    line = replace(_units(line, event), item_id=heard.item_id, revision=heard.version)
    if found is None:
        return replace(process, lines=(*process.lines, line))
    return _with(process, line)


def _units(line: Line, event: ReservationEvent) -> Line:
    match event:
        case stock.StockReserved():
            return replace(line, answered=True, refused="", asked=event.quantity, held=event.reserved)
        case stock.StockBackordered():
            return replace(
                line,
                answered=True,
                refused="",
                asked=event.quantity,
                held=event.reserved,
                waiting=event.backordered,
            )
        case stock.BackorderAllotted():
            return replace(line, held=line.held + event.quantity, waiting=event.waiting)
        case stock.StockReleased():
            keep = event.keep if line.let_go is None else min(line.let_go, event.keep)
            return replace(
                line,
                held=line.held - event.reserved,
                waiting=line.waiting - event.backordered,
                let_go=keep,
            )
        case stock.StockShipped():
            waiting = max(0, line.waiting - event.forced)
            return replace(
                line,
                held=line.held - event.quantity + event.forced,
                waiting=waiting,
                gone=line.gone + event.quantity,
            )
        case _:
            assert_never(event)


def _cart(process: Process, heard: CartHeard, _now: datetime) -> Process:
    if isinstance(heard.event, CartClaimed):
        cart = process.cart if process.cart is CartIs.RELEASED else CartIs.CLAIMED
    else:
        cart = CartIs.RELEASED
    return process if cart is process.cart else replace(process, cart=cart)


def _return(process: Process, heard: ReturnHeard, now: datetime) -> Process:
    return returning.heard(process, heard, now)


def _answer(process: Process, heard: Answered, _now: datetime) -> Process:
    stem_heard = stem_of(heard.command_id)
    for task in process.tasks:
        if stem(process, task) == stem_heard:
            if not heard.code:
                return acknowledging.accepted(process, task)
            return _refused(process, task, heard.code)
    return process  # an attempt at what is done by now, or not wanted any more


def _refused(process: Process, task: Task, code: str) -> Process:
    process = _noted(process, task, code)
    match task.step:
        case Step.CLAIM_CART:
            return _failing(replace(process, cart=CartIs.REFUSED), code)
        case Step.RESERVE_STOCK:
            line = next(line for line in process.lines if line.line_id == task.ids[0])
            return _failing(_with(process, replace(line, refused=code)), code)
        case _:
            return process  # said when it is asked what it waits for, and tried again


def _failing(process: Process, reason: str) -> Process:
    """A checkout that cannot be done is undone; an order that was taken on, or has ended, is not."""
    if process.confirmed or process.ended or process.failing:
        return process
    return replace(process, failing=reason)


def _noted(process: Process, task: Task, code: str) -> Process:
    tasks = [replace(each, code=code) if each is task else each for each in process.tasks]
    return replace(process, tasks=tuple(tasks))


def _with(process: Process, line: Line) -> Process:
    lines = [line if each.line_id == line.line_id else each for each in process.lines]
    return replace(process, lines=tuple(lines))


def _timer(process: Process, heard: TimerFired, _now: datetime) -> Process:
    """Forget the timer: what is due follows from the time."""
    return replace(process, timers=tuple([each for each in process.timers if each.name != heard.name]))


HEAR: Final[dict[type, Callable[[Process, Any, datetime], Process]]] = {
    OrderHeard: _order,
    OrderSeen: _seen,
    StockHeard: _stock,
    CartHeard: _cart,
    ReturnHeard: _return,
    Answered: _answer,
    TimerFired: _timer,
}
