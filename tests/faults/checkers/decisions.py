"""Every outcome follows from the log of commands: a model of an order, on purpose not the product's.

The model is run over the commands of each partition in the order of the log, each command id once. It is one of plain
orders, which nobody but the loader speaks to; they have neither tax nor discounts, so that an amount is quantity times
unit price. The lives of other orders are judged by the audit.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tests.faults.history import COMMANDS
from tests.faults.lives import LIFE
from tests.faults.verdict import Verdict, Violation, Violations, judge

if TYPE_CHECKING:
    from tests.faults.history import Command, Event, History

CANCELLING = {"order-lines-cancelled.v1", "order-cancelled.v1", "order-expired.v1"}


class Decided(NamedTuple):
    """What the model says: `amount` is the money that the event is about, None where there is no event."""

    accepted: bool
    version: int
    amount: int | None


@dataclass
class Tally:
    """As much of an order as its decisions depend on."""

    version: int = 0
    cancelled: bool = False
    left: dict[str, int] = field(default_factory=dict)
    price: dict[str, int] = field(default_factory=dict)

    def decide(self, command: Command) -> Decided:
        if command.expected is not None and command.expected != self.version:
            return self._no()
        if command.type == "place-order.v1":
            return self._place(command)
        if self.version == 0:
            return self._no()
        if command.type == "cancel-lines.v1":
            return self._cancel_lines(command)
        return self._cancel()

    def _no(self) -> Decided:
        return Decided(accepted=False, version=self.version, amount=None)

    def _yes(self, amount: int) -> Decided:
        self.version += 1
        return Decided(accepted=True, version=self.version, amount=amount)

    def _place(self, command: Command) -> Decided:
        if self.version > 0:
            return self._no()
        for line in command.data["lines"]:
            self.left[line["line_id"]] = line["quantity"]
            self.price[line["line_id"]] = line["unit_price"]
        return self._yes(self.worth)

    def _cancel_lines(self, command: Command) -> Decided:
        wanted = {line["line_id"]: line["quantity"] for line in command.data["lines"]}
        if self.cancelled or any(quantity > self.left.get(line, 0) for line, quantity in wanted.items()):
            return self._no()
        for line, quantity in wanted.items():
            self.left[line] -= quantity
        self.cancelled = not any(self.left.values())
        return self._yes(sum(quantity * self.price[line] for line, quantity in wanted.items()))

    def _cancel(self) -> Decided:
        if self.cancelled:
            return self._no()
        amount = self.worth
        self.cancelled, self.left = True, dict.fromkeys(self.left, 0)
        return self._yes(amount)

    @property
    def worth(self) -> int:
        """The value of what is not cancelled."""
        return sum(quantity * self.price[line] for line, quantity in self.left.items())


def decided(history: History) -> dict[str, Decided]:
    """Run the model over the log: what must have come of each command id."""
    orders: dict[str, Tally] = defaultdict(Tally)
    return {
        command.id: orders[command.order].decide(command)
        for command in history.first_commands.values()
        if command.topic == COMMANDS and not command.order.startswith(LIFE)
    }


def outcomes_follow_from_the_log(history: History) -> Verdict:
    """Each outcome says what the model says: yes or no, the version after it, the amount of its event."""
    model = decided(history)
    events = {event.id: event for event in history.events}

    def violations() -> Violations:
        for outcome in history.outcomes:
            want = model.get(outcome.command)
            if want is None:
                continue  # each_command_has_one_outcome reports it
            got = Decided(
                outcome.code is None,
                outcome.version,
                _amount([events[name] for name in outcome.events if name in events]),
            )
            if got != want:
                command = history.first_commands[outcome.command]
                what = f"{command.type} ({command.where}): {got}, due {want}"
                yield Violation(outcome.where, what, 1 + abs(got.version - want.version))

    return judge("outcomes follow from the log", len(model), violations())


def _amount(events: list[Event]) -> int | None:
    if not events:
        return None
    data = events[0].data
    amount = data["totals"]["total"] if events[0].type.startswith("order-placed") else data["amount"]
    return int(amount)


def value_moved(history: History) -> tuple[int, int]:
    """Placed, and cancelled, in minor units, summed over all events: figures for the report."""
    placed = sum(event.data["totals"]["total"] for event in history.events if event.type == "order-placed.v1")
    cancelled = sum(event.data["amount"] for event in history.events if event.type in CANCELLING)
    return placed, cancelled
