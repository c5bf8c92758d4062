"""Given what happened, when a command comes, then this happens. Orders to tell the stories with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from app.domain.order.amounts import priced
from app.domain.order.commands import Line, PlaceOrder, ShippingLine, Totals
from app.domain.order.decider import decide
from app.domain.order.events import OrderPlaced
from app.domain.order.evolver import fold
from app.domain.refused import Refused

if TYPE_CHECKING:
    from app.domain.order.commands import OrderCommand
    from app.domain.order.events import OrderEvent
    from app.domain.order.state import Order

ORDER_ID = "o-1"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def line(line_id: str = "1", quantity: int = 1, unit_price: int = 1000, **facts: Any) -> Line:
    """Return a line; `order` prices it."""
    return Line(
        line_id=line_id,
        sku=f"sku-{line_id}",
        quantity=quantity,
        unit_price=unit_price,
        line_total=0,
        **facts,
    )


def shipping(amount: int, line_id: str = "s", **facts: Any) -> ShippingLine:
    """Return a shipping line; `order` prices it."""
    return ShippingLine(line_id=line_id, amount=amount, total=0, **facts)


def order(*lines: Line, **facts: Any) -> PlaceOrder:
    """Return the command that places these lines, with the right amounts."""
    return priced(
        PlaceOrder(
            customer_id=facts.pop("customer_id", "c-1"),
            placed_at=NOON,
            currency="EUR",
            lines=lines or (line(quantity=3, unit_price=1999),),
            totals=Totals(goods=0, total=0),
            **facts,
        )
    )


def placed(*lines: Line, **facts: Any) -> OrderPlaced:
    """Return the event of an order with these lines."""
    return OrderPlaced(facts=order(*lines, **facts))


def added(*lines: Line) -> tuple[Line, ...]:
    """Return lines with the right amounts, as an amendment adds them."""
    return order(*lines).lines


def after(first: OrderPlaced, *asked: OrderCommand) -> Order:
    """Return an order after commands, each of which must have an effect."""
    now = fold(ORDER_ID, (first,))
    for command in asked:
        happened = decide(now, command)
        assert happened, f"no effect: {command}"
        now = fold(ORDER_ID, happened, now)
    assert now is not None
    return now


def given(*events: OrderEvent) -> Given:
    """Start from what happened."""
    return Given(fold(ORDER_ID, events))


@dataclass(frozen=True)
class Given:
    """The order as it is."""

    order: Order | None

    def when(self, command: OrderCommand) -> When:
        """Ask for something."""
        return When(self.order, command)


@dataclass(frozen=True)
class When:
    """What was asked of it."""

    order: Order | None
    command: OrderCommand

    def then(self, *events: OrderEvent) -> Order | None:
        """Exactly this happens. Returns the order after it."""
        assert decide(self.order, self.command) == events
        return fold(ORDER_ID, events, self.order)

    def then_refused(self, code: str, saying: str = "") -> None:
        """It is refused with this code, and a detail that has these words."""
        with pytest.raises(Refused) as refusal:
            decide(self.order, self.command)
        assert refusal.value.code == code
        assert saying in refusal.value.detail
