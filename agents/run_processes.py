"""The agent of the processes of orders: it hears what happened, and sends the commands that follow from it.

The rules are in app.domain.processes, and are pure. Here are their rows, their timers, and the way of their commands.
A timer's row may be due before anything is: an order sets one, and not one for each of its steps.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from agents.queues import Queue, enter, leave
from app.domain.processes.ids import joined
from app.domain.processes.inputs import (
    Answered,
    CartHeard,
    OrderHeard,
    OrderSeen,
    ReturnHeard,
    StockHeard,
    TimerFired,
)
from app.domain.processes.known import known
from app.domain.processes.react import react
from app.domain.processes.waiting import waits
from app.domain.returns.evolver import evolve
from app.lane.declare import agent
from app.lane.ticks import due_key, due_of
from app.topics import CART_COMMANDS, ORDER_COMMANDS, PROCESS_INPUTS, STOCK_COMMANDS
from app.views import timeline
from app.wire.contracts import CARTS, ORDERS, STOCK
from app.wire.events import Envelope
from app.wire.outcomes import Outcome
from app.wire.process_rows import Kept
from app.wire.told import Tick, TimerDue, Told, decode_told, encode_timer_due
from app.wire.types import COMMAND_HEADERS, PROCESSES_SOURCE
from tables.orders import ORDERS as ORDER_ROWS
from tables.processes import (
    FIRST_WAITING,
    PROCESS_RETURNS,
    PROCESS_TIMERS,
    PROCESSES,
    TIMELINE,
    WAITING_HEAD,
    WAITING_PROCESSES,
)

if TYPE_CHECKING:
    from app.domain.processes.inputs import Heard
    from app.domain.processes.sending import Command
    from app.domain.processes.state import Process
    from app.lane.declare import Topic
    from app.lane.turn import Turn
    from app.wire.contract import Contract

TIMERS_A_TICK: Final = 500
WAITING: Final = Queue(WAITING_PROCESSES, WAITING_HEAD)
_ADDRESSED: Final[dict[str, tuple[Contract, Topic]]] = {
    "order": (ORDERS, ORDER_COMMANDS),
    "stock": (STOCK, STOCK_COMMANDS),
    "cart": (CARTS, CART_COMMANDS),
}


@agent(
    PROCESS_INPUTS,
    decode=decode_told,
    tables=[
        PROCESSES,
        PROCESS_TIMERS,
        WAITING_PROCESSES,
        WAITING_HEAD,
        PROCESS_RETURNS,
        TIMELINE,
        ORDER_ROWS,
    ],
    emits=[ORDER_COMMANDS, STOCK_COMMANDS, CART_COMMANDS, PROCESS_INPUTS],
    timers=PROCESS_TIMERS,
)
def run_processes(told: Told, turn: Turn) -> None:
    """Let the processes of an order react to what they are told."""
    if isinstance(told, Tick):
        _hand_out(told, turn)
        return
    key = turn.record.key
    assert key is not None  # noqa: S101 - the lane compared its partition with the record's
    before = turn.get(PROCESSES, key)
    step = Step(turn, key, before, told)
    for heard in (*step.begin(), *step.heard()):
        step.react(heard)
    step.keep()


def _hand_out(tick: Tick, turn: Turn) -> None:
    """Let each order hear of its own timer by itself: one that fails stops no other."""
    for key, _ in turn.scan(PROCESS_TIMERS, tick.first, due_key(turn.now_ms + 1, b""), TIMERS_A_TICK):
        turn.delete(PROCESS_TIMERS, key)
        due_ms, order_id = due_of(key)
        due = datetime.fromtimestamp(due_ms / 1000, UTC)
        turn.emit(PROCESS_INPUTS, order_id, encode_timer_due(TimerDue(due=due)), COMMAND_HEADERS)


class Step:
    """One message, and what the processes of its order make of it."""

    def __init__(
        self, turn: Turn, key: bytes, before: Kept | None, told: Envelope[Any] | Outcome | TimerDue
    ) -> None:
        self._turn, self._key, self._order_id, self._before, self._told = (
            turn,
            key,
            key.decode(),
            before,
            told,
        )
        self._now = datetime.fromisoformat(turn.now)
        self._process: Process | None = before.process if before else None
        self._entries = before.entries if before else 0
        if isinstance(told, TimerDue):
            self._correlation_id = before.correlation_id if before else self._order_id
            self._cause = joined(self._order_id, "timer", told.due.isoformat())
        else:
            self._correlation_id, self._cause = told.correlationid, joined(told.id)

    def begin(self) -> list[Heard]:
        """Return the order as it is, for processes that know nothing of it yet, and hear of something else first."""
        if isinstance(self._told, Envelope) and self._told.source == ORDERS.source:
            return []
        if isinstance(self._told, TimerDue) or (self._process is not None and self._process.version):
            return []
        order = self._turn.get(ORDER_ROWS, self._key)
        return [] if order is None else [OrderSeen(order=known(order))]

    def heard(self) -> list[Heard]:
        """Return what the message says, and note it."""
        told = self._told
        if isinstance(told, TimerDue):
            return self._due(told)
        if isinstance(told, Outcome):
            code = told.data.code or ""
            self._note("outcome", told.id, told.data.type, told.subject, told.causationid, code)
            return [Answered(command_id=told.data.command, type=told.data.type, code=code)]
        event, version, subject = told.data, told.version, told.subject
        if told.source == ORDERS.source:
            order = self._turn.get(ORDER_ROWS, self._key)
            assert order is not None  # noqa: S101 - its row is written with its first event
            return [OrderHeard(event=event, version=version, order=known(order))]
        self._note("event", told.id, told.type, subject, told.causationid)
        if told.source == STOCK.source:
            return [StockHeard(line_id=event.line_id, item_id=subject, version=version, event=event)]
        if told.source == CARTS.source:
            return [CartHeard(cart_id=subject, event=event)]
        return self._of_return(told)

    def react(self, heard: Heard) -> None:
        """Let the processes react, and send their commands."""
        reaction = react(self._process, self._order_id, heard, self._now)
        self._process = reaction.process
        for command in reaction.commands:
            self._send(command)

    def keep(self) -> None:
        """Write what is remembered after it, where it changed."""
        process, before = self._process, self._before
        if process is None:
            return
        kept = Kept(
            process=process,
            timer=self._timer(process),
            waiting=self._waiting(process),
            correlation_id=before.correlation_id if before else self._correlation_id,
            entries=self._entries,
        )
        if before is None or process is not before.process or kept != before:
            self._turn.put(PROCESSES, self._key, kept)

    def _due(self, told: TimerDue) -> list[Heard]:
        if self._process is None:
            return []
        now = max(self._now, told.due)  # the clock of the lane that handed it out may be ahead
        due = [timer for timer in self._process.timers if timer.due <= now]
        if due:
            self._note("timer", self._cause, ", ".join([timer.name for timer in due]), self._order_id, "")
        return [TimerFired(name=timer.name, due=timer.due) for timer in due]

    def _of_return(self, told: Envelope[Any]) -> list[Heard]:
        """Fold the return from its events, which come in their order."""
        at = self._key + b"\0" + told.subject.encode()
        before = self._turn.get(PROCESS_RETURNS, at)
        if before is not None and told.version <= before.version:
            return []
        returned = evolve(before, told.data, told.subject)
        self._turn.put(PROCESS_RETURNS, at, returned)
        return [ReturnHeard(return_id=told.subject, event=told.data, returned=returned)]

    def _send(self, command: Command) -> None:
        contract, topic = _ADDRESSED[command.aggregate]
        value = contract.encode_command(
            id=command.id,
            subject=command.key,
            data=command.command,
            time=self._now,
            source=f"{PROCESSES_SOURCE}{self._order_id}",
            expected_version=command.expected_version,
            correlation_id=self._correlation_id,
            causation_id=self._cause,
            traceparent=getattr(self._told, "traceparent", None),
        )
        self._turn.hand_over(topic, command.key.encode(), value, COMMAND_HEADERS)
        self._note("command", command.id, contract.commands[type(command.command)], command.key, self._cause)

    def _timer(self, process: Process) -> datetime | None:
        """Set the order's row of the timers so that it is due when its first timer is, or before."""
        before = self._before.timer if self._before else None
        if (
            isinstance(self._told, TimerDue)
            and before is not None
            and before <= max(self._now, self._told.due)
        ):
            before = None  # its row is what brought us here
        first = min([timer.due for timer in process.timers], default=None)
        if first is None or (before is not None and before <= first):
            return before
        if before is not None:
            self._turn.delete(PROCESS_TIMERS, _at(before, self._key))
        due = _whole(max(first, self._now))
        self._turn.put(PROCESS_TIMERS, _at(due, self._key), b"-")
        return due

    def _waiting(self, process: Process) -> datetime | None:
        """Keep the order among those that wait, at the time since when it does."""
        before = self._before.waiting if self._before else None
        if bool(waits(process)) is (before is not None):
            return before
        if before is not None:
            leave(self._turn, WAITING, FIRST_WAITING, _at(before, self._key))
            return None
        enter(self._turn, WAITING, FIRST_WAITING, _at(self._now, self._key), b"-")
        return self._now

    def _note(
        self, kind: timeline.Kind, id_: str, type_: str, subject: str, cause: str, code: str = ""
    ) -> None:
        entry = timeline.Entry(
            kind=kind, id=id_, type=type_, subject=subject, time=self._now, causation_id=cause,
            correlation_id=self._correlation_id, code=code,
        )  # fmt: skip
        self._turn.put(TIMELINE, timeline.key(self._order_id, self._now, self._entries), entry)
        self._entries += 1


def _whole(moment: datetime) -> datetime:
    """Round up to milliseconds, which a key has: a timer is never due before its row is."""
    return moment + timedelta(microseconds=-moment.microsecond % 1000)


def _at(moment: datetime, order: bytes) -> bytes:
    return due_key(int(moment.timestamp() * 1000), order)
