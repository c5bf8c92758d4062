"""Given what happened to an order's money, when a command comes, then this happens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from app.domain.payment.balance import Balance, balance
from app.domain.payment.commands import (
    AuthorizePayment,
    CapturePayment,
    GrantRefund,
    PaymentCommand,
    RecordPaymentAuthorized,
    RecordPaymentCaptured,
    RecordPaymentVoided,
    RecordRefundSucceeded,
    RefundPayment,
    UnitsToRefund,
    VoidPayment,
)
from app.domain.payment.decider import decide
from app.domain.payment.evolver import fold
from app.domain.payment.settlement import to_refund, to_void
from app.domain.payment.state import EMPTY, Ledger, Owed, OwedLine
from app.domain.payment.statuses import payment_status
from app.domain.refused import Refused

if TYPE_CHECKING:
    from app.domain.payment.events import PaymentEvent

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def owes(*lines: tuple[str, int, int] | OwedLine, **facts: Any) -> Owed:
    """Return what an order owes: lines as (id, quantity, total)."""
    of_lines = [
        each
        if isinstance(each, OwedLine)
        else OwedLine(line_id=each[0], quantity=each[1], line_total=each[2])
        for each in lines
    ]
    return Owed(currency="EUR", lines=tuple(of_lines), **facts)


ONE_LINE = owes(("A", 1, 10_000))
ENDED = owes(("A", 1, 10_000), ended=True)


def authorize(amount: int = 10_000, payment_id: str = "p", **facts: Any) -> AuthorizePayment:
    return AuthorizePayment(payment_id=payment_id, amount=amount, **facts)


def authorized(amount: int = 10_000, payment_id: str = "p", **facts: Any) -> RecordPaymentAuthorized:
    return RecordPaymentAuthorized(payment_id=payment_id, amount=amount, **facts)


def capture(amount: int = 10_000, capture_id: str = "c", payment_id: str = "p") -> CapturePayment:
    return CapturePayment(capture_id=capture_id, payment_id=payment_id, amount=amount, at=NOON)


def captured(
    amount: int = 10_000, capture_id: str = "c", payment_id: str = "p", **facts: Any
) -> RecordPaymentCaptured:
    return RecordPaymentCaptured(payment_id=payment_id, capture_id=capture_id, amount=amount, **facts)


def void(payment_id: str = "p") -> VoidPayment:
    return VoidPayment(payment_id=payment_id)


def voided(payment_id: str = "p") -> RecordPaymentVoided:
    return RecordPaymentVoided(payment_id=payment_id)


def units(*lines: tuple[str, int]) -> tuple[UnitsToRefund, ...]:
    return tuple(UnitsToRefund(line_id=line_id, quantity=quantity) for line_id, quantity in lines)


def grant(grant_id: str, *lines: tuple[str, int], **facts: Any) -> GrantRefund:
    return GrantRefund(grant_id=grant_id, lines=units(*lines), **facts)


def refund(
    refund_id: str, amount: int = 0, *lines: tuple[str, int], capture_id: str = "c", **facts: Any
) -> RefundPayment:
    return RefundPayment(
        refund_id=refund_id, capture_id=capture_id, amount=amount, lines=units(*lines), **facts
    )


def refunded(refund_id: str, amount: int, payment_id: str = "p", **facts: Any) -> RecordRefundSucceeded:
    return RecordRefundSucceeded(payment_id=payment_id, refund_id=refund_id, amount=amount, **facts)


PAID: tuple[PaymentCommand, ...] = (authorize(), authorized(), capture(), captured())


def paid(amount: int) -> tuple[PaymentCommand, ...]:
    """Return the commands that pay `amount` whole."""
    return (authorize(amount), authorized(amount), capture(amount), captured(amount))


@dataclass(frozen=True)
class Story:
    """An order's money, as it is after some commands."""

    owed: Owed
    ledger: Ledger = EMPTY

    def ask(self, *commands: PaymentCommand) -> Story:
        """Do all of these. None is refused."""
        story = self
        for command in commands:
            events = decide(story.owed, story.ledger, command)
            story = replace(story, ledger=fold(events, story.ledger))
        return story

    def now(self, owed: Owed) -> Story:
        """Return the same money for an order that owes otherwise."""
        return replace(self, owed=owed)

    def says(self, command: PaymentCommand) -> tuple[PaymentEvent, ...]:
        """Return what would happen."""
        return decide(self.owed, self.ledger, command)

    def refuses(self, command: PaymentCommand, code: str, saying: str = "") -> Story:
        """It is refused with this code, and a detail that has these words."""
        with pytest.raises(Refused) as refusal:
            decide(self.owed, self.ledger, command)
        assert refusal.value.code == code
        assert saying in refusal.value.detail
        return self

    def already(self, *commands: PaymentCommand) -> Story:
        """Each of them is so already."""
        for command in commands:
            assert self.says(command) == ()
        return self

    @property
    def total(self) -> Balance:
        return balance(self.owed, self.ledger)

    @property
    def status(self) -> str:
        return payment_status(self.owed, self.ledger).value

    @property
    def voids(self) -> tuple[str, ...]:
        return to_void(self.owed, self.ledger)

    @property
    def repays(self) -> list[tuple[str, int]]:
        """Return what is to be paid back: capture and amount."""
        return [(each.capture_id, each.amount) for each in to_refund(self.owed, self.ledger)]


def given(*commands: PaymentCommand, owed: Owed = ONE_LINE) -> Story:
    """Start from what these did."""
    return Story(owed).ask(*commands)
