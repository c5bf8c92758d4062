"""A small shop to tell the stories of processes with: one order, one thing that happens, and what was done about it."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from app.domain.order.commands.checkout import Checkout
from app.domain.order.statuses import order_status
from app.domain.processes.waiting import stage
from app.domain.stock.commands import ReceiveStock
from tests.domain.processes.audit import faults
from tests.domain.processes.world import World
from tests.domain.scenario import NOON, line
from tests.domain.scenario import order as priced

if TYPE_CHECKING:
    from app.domain.order.state import Order
    from app.domain.processes.state import Process

ITEM = "sku-{}@vienna"
VIENNA = Checkout(warehouse="vienna")


class Story:
    """One order with a checkout, in a shop with stock."""

    def __init__(self, **stock: int) -> None:
        self.world = World(chance=Random(7))  # noqa: S311 - any order of senders will do
        for line_id, quantity in (stock or {"A": 10, "B": 10}).items():
            self.receive(line_id, quantity)

    def receive(self, line_id: str, quantity: int) -> Story:
        command = ReceiveStock(receipt_id=f"{self.world.number}", quantity=quantity, at=NOON)
        assert self.world.ask("stock", ITEM.format(line_id), command) is None
        return self

    def place(
        self, order_id: str = "o-1", *, cart_id: str | None = None, units: Any = None, **asked: Any
    ) -> Story:
        """Place an order of 2 A and 1 B, at 10.00 each."""
        checkout = Checkout(warehouse="vienna", **asked)
        lines = [line(line_id, quantity) for line_id, quantity in (units or {"A": 2, "B": 1}).items()]
        assert self.world.ask("order", order_id, priced(*lines, cart_id=cart_id, checkout=checkout)) is None
        return self

    def ask(self, command: Any, order_id: str = "o-1") -> Story:
        assert self.world.ask("order", order_id, command) is None
        return self

    def settle(self) -> Story:
        self.world.settle()
        return self

    def until(self, what: str) -> Story:
        """Deliver messages until a process sends this."""
        while self.steps().count(what) == 0:
            assert self.world.step(), self.steps()
        return self

    def steps(self, *, after: int = 0) -> list[str]:
        """Return what the processes sent, in words: command and the first id that tells which."""
        return [each.id.split("/")[1] for each in self.world.sent[after:]]

    def sent(self, kind: type) -> list[Any]:
        return [each.command for each in self.world.sent if isinstance(each.command, kind)]

    def told(self, kind: type) -> list[Any]:
        return [event for event in self.world.told if isinstance(event, kind)]

    @property
    def order(self) -> Order:
        return self.world.orders["o-1"]

    @property
    def process(self) -> Process:
        return self.world.processes["o-1"]

    @property
    def status(self) -> str:
        return f"{order_status(self.order)}, {stage(self.process)}"

    def sound(self) -> Story:
        assert faults(self.world) == []
        return self
