"""Commands for a system that is being killed: valid, refused, repeated, misplaced, and undecodable ones.

Half of them are for plain orders, to which nothing happens but cancellations; the others tell whole lives
(lives.py). They are written as a foreign producer would write them, without the product's wire code. The messages
follow from the seed and from what is told (`tell`) of the orders. At any time `orders` orders are alive; one that is
over gives its place to a new one a little later.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.faults.history import COMMANDS
from tests.faults.lives import Asked, Life, delivery

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OPENED = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
CUSTOMERS = 40
AFTERLIFE = 6  # commands that a cancelled order still gets, to be refused
REMEMBERED = 2000  # messages of which one may be repeated

# Percent of all messages.
POISON, MISPLACED, REPEATED = 0.3, 0.2, 4
LIVES, DELIVERIES = 60, 2.5
LOOKS = 8  # at lives, for one that goes on
# Percent of the commands to an order that was placed.
CHANGES = {
    "one unit": 82,
    "too many": 5,
    "no such line": 3,
    "no such order": 3,
    "placed again": 3,
    "perhaps a wrong version": 3,
    "cancelled": 1,
}


class Message(NamedTuple):
    """A record for a topic of commands. `command` is its id; None for what must not be decided."""

    command: str | None
    key: bytes
    value: bytes
    misplaced: bool = False  # to be sent to a partition where its key is not at home
    topic: str = COMMANDS


@dataclass
class Place:
    """Where an order lives: its name, and how many commands it is still worth."""

    number: int
    generation: int = 0
    placed: bool = False
    afterlife: int | None = None  # None: not cancelled as a whole
    lines: int = 0

    @property
    def order(self) -> str:
        return f"order-{self.number}-{self.generation}"

    def next(self) -> None:
        self.generation, self.placed, self.afterlife = self.generation + 1, False, None


class Workload:
    """An endless iterator of messages. `opened` is the time of the first, `rate` how many a second there are."""

    def __init__(
        self,
        seed: int,
        orders: int = 300,
        *,
        opened: datetime = OPENED,
        rate: float = 1,
        lives: float = LIVES,
    ) -> None:
        self._random = random.Random(seed)
        self._opened, self._rate, self._part = opened, rate, lives
        self._places = [Place(number) for number in range(orders // 2 if lives else orders)]
        self._sent: list[Message] = []
        self._count = 0
        self._lives = [self._life(number, 0) for number in range(orders - orders // 2)]
        self._by_order = {life.order: life for life in self._lives}
        self.begun = 0  # lives

    def tell(self, order: str, event: str) -> None:
        """Let the workload hear of an event: its type."""
        life = self._by_order.get(order)
        if life is not None:
            life.heard[event] += 1

    def __iter__(self) -> Iterator[Message]:
        return self

    def __next__(self) -> Message:
        chance = self._random.random() * 100
        if chance < POISON:
            self._count += 1
            return Message(None, f"poison-{self._count}".encode(), b'{"specversion":')
        chance -= POISON
        if chance < MISPLACED:
            stray = self._command(Place(10**6))
            return Message(None, stray.key, stray.value, misplaced=True)
        if chance < MISPLACED + REPEATED and self._sent:
            return self._random.choice(self._sent)
        chance -= MISPLACED + REPEATED
        if chance < self._part:
            message = self._goods() if chance < DELIVERIES else self._of_a_life()
        else:
            message = self._command(self._random.choice(self._places))
        if len(self._sent) < REMEMBERED:
            self._sent.append(message)
        else:
            self._sent[self._random.randrange(REMEMBERED)] = message
        return message

    def _goods(self) -> Message:
        return self._asked(delivery(self._count, self._random, self._now()))

    def _of_a_life(self) -> Message:
        """Let a life go on; where none of some does, there is time for a plain order."""
        for _ in range(LOOKS):
            at = self._random.randrange(len(self._lives))
            life = self._lives[at]
            if life.is_over(self._count):
                del self._by_order[life.order]
                life = self._lives[at] = self._life(life.number, life.generation + 1)
                self._by_order[life.order] = life
            asked = life.next(self._count)
            if asked is not None:
                self.begun += asked.type == "place-order.v1"
                return self._asked(asked)
        return self._command(self._random.choice(self._places))

    def _life(self, number: int, generation: int) -> Life:
        return Life(number, generation, self._random, self._now)

    def _asked(self, asked: Asked) -> Message:
        return self._message(asked.type, asked.subject, asked.data)._replace(topic=asked.topic)

    def _command(self, place: Place) -> Message:
        if not place.placed:
            place.placed = True
            return self._message("place-order.v1", place.order, self._order(place))
        if place.afterlife is not None:
            place.afterlife -= 1
            if place.afterlife < 0:
                place.next()
                return self._command(place)
        return self._change(place)

    def _change(self, place: Place) -> Message:
        line = f"line-{self._random.randrange(place.lines)}"
        kind = self._random.choices(list(CHANGES), list(CHANGES.values()))[0]
        quantity = 1_000_000 if kind == "too many" else 1
        if kind == "no such line":
            line = "line-99"
        if kind == "cancelled" and place.afterlife is None:
            place.afterlife = AFTERLIFE
        if kind == "cancelled":
            return self._message("cancel-order.v1", place.order, {"reason": "changed-mind"})
        if kind == "placed again":
            return self._message("place-order.v1", place.order, self._order(place))
        order = f"never-placed-{place.number}" if kind == "no such order" else place.order
        expected = (
            {"expectedversion": self._random.randrange(1, 4)} if kind == "perhaps a wrong version" else {}
        )
        return self._cancel_lines(order, line, quantity, expected)

    def _cancel_lines(self, order: str, line: str, quantity: int, more: Mapping[str, int]) -> Message:
        lines = [{"line_id": line, "quantity": quantity}]
        return self._message("cancel-lines.v1", order, {"lines": lines, "reason": "changed-mind"}, **more)

    def _order(self, place: Place) -> dict[str, Any]:
        place.lines = self._random.randint(1, 4)
        lines = [self._line(number) for number in range(place.lines)]
        goods = sum(line["line_total"] for line in lines)
        return {
            "customer_id": f"customer-{place.number % CUSTOMERS}",
            "placed_at": self._now(),
            "currency": "EUR",
            "lines": lines,
            "totals": {"goods": goods, "discounts": 0, "shipping": 0, "tax": 0, "total": goods},
        }

    def _line(self, number: int) -> dict[str, Any]:
        quantity, price = self._random.randint(20, 200), self._random.randint(1, 9_999)
        return {
            "line_id": f"line-{number}",
            "sku": f"sku-{self._random.randrange(100)}",
            "quantity": quantity,
            "unit_price": price,
            "line_total": quantity * price,
        }

    def _message(self, kind: str, order: str, data: dict[str, Any], **more: int) -> Message:
        self._count += 1
        command = f"command-{self._count}"
        body = {
            "specversion": "1.0",
            "id": command,
            "source": "/faults",
            "type": kind,
            "subject": order,
            "time": self._now(),
            **more,
            "data": data,
        }
        return Message(command, order.encode(), json.dumps(body).encode())

    def _now(self) -> str:
        moment = self._opened + timedelta(seconds=self._count / self._rate)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
