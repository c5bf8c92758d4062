"""Given what happened to a return, when a command comes, then this happens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import asdict

from app.domain.refused import Refused
from app.domain.returns.commands import (
    ApproveReturn,
    InspectReceipt,
    LineToReturn,
    ReceiveReturn,
    RequestReturn,
    UnitsToPlace,
    UnitsToReceive,
)
from app.domain.returns.decider import decide
from app.domain.returns.events import (
    ReceiptInspected,
    ReturnApproved,
    ReturnReceived,
    ReturnRequested,
    UnitsPlaced,
    UnitsReceived,
)
from app.domain.returns.evolver import fold

if TYPE_CHECKING:
    from app.domain.returns.commands import ReturnCommand
    from app.domain.returns.events import ReturnEvent
    from app.domain.returns.state import Return

RETURN_ID = "t-1"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def line(line_id: str, quantity: int, line_total: int, **facts: Any) -> LineToReturn:
    """Return a line that comes back whole, unless told otherwise."""
    return LineToReturn(
        line_id=line_id,
        sku=f"sku-{line_id}",
        quantity=quantity,
        ordered=facts.pop("ordered", quantity),
        line_total=line_total,
        **facts,
    )


def request(*lines: LineToReturn, **facts: Any) -> RequestReturn:
    return RequestReturn(order_id="o-1", requested_at=NOON, currency="EUR", lines=lines, **facts)


def requested(*lines: LineToReturn, **facts: Any) -> ReturnRequested:
    return ReturnRequested(**asdict(request(*lines, **facts)))


def approve(fee: int = 0, shipping: int = 0) -> ApproveReturn:
    return ApproveReturn(fee=fee, shipping=shipping, at=NOON)


def approved(fee: int = 0, shipping: int = 0) -> ReturnApproved:
    return ReturnApproved(order_id="o-1", fee=fee, shipping=shipping, at=NOON)


def receive(*units: tuple[str, int, int], receipt_id: str = "b-1") -> ReceiveReturn:
    """Units: line, sellable, damaged."""
    lines = [UnitsToReceive(line_id=i, sellable=sellable, damaged=damaged) for i, sellable, damaged in units]
    return ReceiveReturn(receipt_id=receipt_id, warehouse="vienna", lines=tuple(lines), at=NOON)


def received(
    *units: tuple[str, int, int, int], receipt_id: str = "b-1", shipping: int = 0, fee: int = 0
) -> ReturnReceived:
    """Units: line, sellable, damaged, worth."""
    lines = [
        UnitsReceived(line_id=i, sellable=sellable, damaged=damaged, amount=amount)
        for i, sellable, damaged, amount in units
    ]
    return ReturnReceived(
        order_id="o-1",
        receipt_id=receipt_id,
        warehouse="vienna",
        lines=tuple(lines),
        shipping=shipping,
        fee=fee,
        refund=sum(each.amount for each in lines) + shipping - fee,
        at=NOON,
    )


def inspect(*units: tuple[str, int, int], receipt_id: str = "b-1") -> InspectReceipt:
    """Units: line, restocked, written off."""
    lines = [
        UnitsToPlace(line_id=i, restocked=restocked, written_off=written_off)
        for i, restocked, written_off in units
    ]
    return InspectReceipt(receipt_id=receipt_id, lines=tuple(lines), at=NOON)


def inspected(*units: tuple[str, int, int], receipt_id: str = "b-1") -> ReceiptInspected:
    lines = [
        UnitsPlaced(line_id=i, sku=f"sku-{i}", restocked=restocked, written_off=written_off)
        for i, restocked, written_off in units
    ]
    return ReceiptInspected(
        order_id="o-1", receipt_id=receipt_id, warehouse="vienna", lines=tuple(lines), at=NOON
    )


def given(*events: ReturnEvent) -> Given:
    """Start from what happened."""
    return Given(fold(RETURN_ID, events))


@dataclass(frozen=True)
class Given:
    """The return as it is."""

    stands: Return | None

    @property
    def returned(self) -> Return:
        assert self.stands is not None
        return self.stands

    def when(self, command: ReturnCommand) -> When:
        """Ask for something."""
        return When(self.stands, command)


@dataclass(frozen=True)
class When:
    """What was asked of it."""

    stands: Return | None
    command: ReturnCommand

    def then(self, *events: ReturnEvent) -> Given:
        """Exactly this happens. Asked again, nothing does."""
        assert decide(self.stands, self.command) == events
        after = fold(RETURN_ID, events, self.stands)
        assert decide(after, self.command) == ()
        return Given(after)

    def then_paid_back(self) -> tuple[int, Given]:
        """One receipt. Returns what is paid back for it, and the return after it."""
        (event,) = decide(self.stands, self.command)
        assert isinstance(event, ReturnReceived)
        return event.refund, self.then(event)

    def then_refused(self, code: str, saying: str = "") -> None:
        """It is refused with this code, and a detail that has these words."""
        with pytest.raises(Refused) as refusal:
            decide(self.stands, self.command)
        assert refusal.value.code == code
        assert saying in refusal.value.detail
