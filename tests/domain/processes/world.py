"""A shop in memory: the real aggregates and processes, and messages that come late, twice, and in any order of senders.

What one sender says to one receiver comes in its order, as on a partition. Receivers drop a command whose id they have
seen. Everything is chosen by one source of chance, so that a story can be told again.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from app.domain.cart import decider as cart_decider
from app.domain.cart import evolver as cart_evolver
from app.domain.order import decider as order_decider
from app.domain.order import evolver as order_evolver
from app.domain.processes.inputs import Answered, CartHeard, OrderHeard, ReturnHeard, StockHeard, TimerFired
from app.domain.processes.known import known
from app.domain.processes.react import SetTimer, react
from app.domain.processes.sending import Command
from app.domain.processes.waiting import Stage, stage
from app.domain.refused import Code, Refused, require_version
from app.domain.returns import decider as return_decider
from app.domain.returns import evolver as return_evolver
from app.domain.stock import decider as stock_decider
from app.domain.stock import evolver as stock_evolver
from app.domain.stock.state import Stock, stock
from app.effects.calls import Call, call_of
from app.effects.house import answer
from tests.domain.scenario import NOON

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from app.domain.cart.state import Cart
    from app.domain.order.state import Order
    from app.domain.processes.inputs import Heard
    from app.domain.processes.state import Process
    from app.domain.returns.state import Return
    from app.effects.provider import Facts


def kebab(heard: Any) -> str:
    """Return what a process heard, in one word."""
    if isinstance(heard, Answered):
        return heard.code or "accepted"
    if isinstance(heard, TimerFired):
        return heard.name
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(heard.event).__name__).lower()


@dataclass
class World:
    """Everything there is. `lose` and `repeat` are chances, of a command and of any message.

    `late`: the chance that an order has gone on by the time at which its event is heard.
    """

    chance: Random
    lose: float = 0.0
    repeat: float = 0.0
    late: float = 0.0
    provider: Any = None  # what the provider says to a call, if it is not what the house account says
    deny: Any = None  # the code with which a command is refused, whatever its aggregate would say
    now: datetime = NOON
    orders: dict[str, Order] = field(default_factory=dict)
    stocks: dict[str, Stock] = field(default_factory=dict)
    carts: dict[str, Cart] = field(default_factory=dict)
    returns: dict[str, Return] = field(default_factory=dict)
    processes: dict[str, Process] = field(default_factory=dict)
    timers: dict[tuple[str, str], datetime] = field(default_factory=dict)
    ways: dict[tuple[str, ...], deque[Any]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    sent: list[Command] = field(default_factory=list)
    sender: dict[str, str] = field(default_factory=dict)
    told: list[Any] = field(default_factory=list)
    heard: list[tuple[Stage | None, str, Stage, tuple[Command, ...]]] = field(default_factory=list)
    number: int = 0

    # What a person does.

    def ask(self, aggregate: Any, key: str, command: Any) -> str | None:
        """Have a command decided at once. Returns the code of its refusal."""
        self.number += 1
        return self._decide(
            Command(id=f"person/{self.number}", aggregate=aggregate, key=key, command=command)
        )

    # What time does.

    def step(self) -> bool:
        """Deliver one message. False: there is none."""
        if not self.ways:
            return False
        way = self.chance.choice(tuple(self.ways))
        message = self.ways[way][0]
        if self.chance.random() >= self.repeat:
            self.ways[way].popleft()
            if not self.ways[way]:
                del self.ways[way]
        if way[0] == "call":
            self._perform(message)
        elif way[0] == "fact":
            self._decide(message)
        elif way[0] == "hear":
            self._hear(way[-1], message)
        elif self.chance.random() >= self.lose:
            self._decide(message)
        return True

    def pass_time(self, by: timedelta) -> None:
        """Let time pass, and fire what is due."""
        self.now += by
        for (order_id, name), due in sorted(self.timers.items()):
            if due <= self.now and self.timers.get((order_id, name)) == due:
                del self.timers[order_id, name]
                self._say(("hear", "timer", order_id), TimerFired(name=name, due=due))

    def settle(self, until: timedelta = timedelta(days=3)) -> None:
        """Deliver everything, and let time pass until nothing is set any more, or so long."""
        end = self.now + until
        while True:
            while self.step():
                pass
            due = min(self.timers.values(), default=None)
            if due is None or due > end:
                return
            self.pass_time(max(timedelta(), due - self.now))

    # The parts.

    def _say(self, way: tuple[str, ...], message: Any) -> None:
        self.ways.setdefault(way, deque()).append(message)

    def _hear(self, order_id: str, heard: Heard) -> None:
        if self.late and isinstance(heard, OrderHeard) and self.chance.random() < self.late:
            heard = replace(heard, order=known(self.orders[order_id]))
        before = self.processes.get(order_id)
        reaction = react(before, order_id, heard, self.now)
        after = reaction.process
        if after is not None:
            row = msgspec.json.encode(after)
            self.processes[order_id] = msgspec.json.decode(row, type=type(after))  # as after a restart
            assert self.processes[order_id] == after
            was = stage(before) if before is not None else None
            self.heard.append((was, kebab(heard), stage(after), reaction.commands))
        for timer in reaction.timers:
            if isinstance(timer, SetTimer):
                self.timers[order_id, timer.name] = timer.due
            else:
                self.timers.pop((order_id, timer.name), None)
        for command in reaction.commands:
            self.sent.append(command)
            self.sender[command.id] = order_id
            self._say(("command", command.aggregate, command.key, order_id), command)

    def _perform(self, call: Call) -> None:
        facts: Facts | None = None if self.provider is None else self.provider(call)
        for number, fact in enumerate(answer(call) if facts is None else facts):
            command = Command(
                id=f"{call.key}/{type(fact).__name__}/{number}",
                aggregate="order",
                key=call.order_id,
                command=fact,
            )
            self._say(("fact", call.key), command)

    def _decide(self, command: Command) -> str | None:
        if command.id in self.seen:
            return None
        self.seen.add(command.id)
        decide = {"order": self._order, "stock": self._stock, "cart": self._cart, "return": self._return}
        process = self.sender.get(command.id)
        try:
            code = None if self.deny is None else self.deny(command)
            if code is not None:
                raise Refused(code, "denied")  # noqa: TRY301 - as its aggregate would
            events = decide[command.aggregate](command)
        except Refused as refused:
            if process is not None:
                answered = Answered(command_id=command.id, code=refused.code)
                self._say(("hear", command.aggregate, command.key, process), answered)
            return refused.code
        if not events and process is not None:
            self._say(("hear", command.aggregate, command.key, process), Answered(command_id=command.id))
        return None

    def _order(self, command: Command) -> tuple[Any, ...]:
        key = command.key
        order = self.orders.get(key)
        if command.expected_version is not None:
            require_version(order, command.expected_version, "order")
        events = order_decider.decide(order, command.command)  # type: ignore[arg-type] # by its key
        for event in events:
            order = self.orders[key] = order_evolver.evolve(order, event, key)
            self.told.append(event)
            heard = OrderHeard(event=event, version=order.version, order=known(order))
            self._say(("hear", "order", key, key), heard)
            call = call_of(key, event)  # type: ignore[arg-type] # most events call nobody
            if call is not None:
                self._say(("call", call.key), call)
        return events

    def _stock(self, command: Command) -> tuple[Any, ...]:
        key = command.key
        item = self.stocks.get(key) or stock(None, {})
        events = stock_decider.decide(item, command.command)  # type: ignore[arg-type] # by its key
        for event in events:
            item = stock_evolver.evolve(item, event, key)
            self.told.append(event)
            order_id = getattr(event, "order_id", None)
            if order_id is None and hasattr(event, "return_id"):
                order_id = self.returns[event.return_id].facts.order_id
            if order_id is not None:
                assert item.item is not None
                about: Any = event  # a line: it names an order or a return
                version = item.item.version
                heard = StockHeard(line_id=about.line_id, item_id=key, version=version, event=about)
                self._say(("hear", "stock", key, order_id), heard)
        entries = {**item.stored, **item.changed}  # type: ignore[dict-item] # a dict here
        self.stocks[key] = stock(
            item.item, {name: each for name, each in entries.items() if each is not None}
        )
        return events

    def _cart(self, command: Command) -> tuple[Any, ...]:
        events = cart_decider.decide(self.carts.get(command.key), command.command)  # type: ignore[arg-type]
        for event in events:
            self.carts[command.key] = cart_evolver.evolve(self.carts.get(command.key), event, command.key)
            heard = CartHeard(cart_id=command.key, event=event)
            self._say(("hear", "cart", command.key, event.order_id), heard)
        return events

    def _return(self, command: Command) -> tuple[Any, ...]:
        key = command.key
        returned = self.returns.get(key)
        if command.expected_version is not None:
            raise Refused(Code.VERSION_CONFLICT, "nobody expects a version of a return")
        events = return_decider.decide(returned, command.command)  # type: ignore[arg-type] # by its key
        for event in events:
            returned = self.returns[key] = return_evolver.evolve(returned, event, key)
            heard = ReturnHeard(return_id=key, event=event, returned=returned)
            self._say(("hear", "return", key, returned.facts.order_id), heard)
        return events
