"""The rules of payments. A request is refused or asked of a provider; what a provider says is always taken."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import asdict

from app.domain.payment import commands, events
from app.domain.payment.evolver import evolve
from app.domain.payment.giving_back import grant, refund
from app.domain.payment.state import Ledger, Owed
from app.domain.payment.taking import authorize, capture, void

Rule = Callable[[Owed, Ledger, Any], tuple[events.PaymentEvent, ...]]


def decide(owed: Owed, ledger: Ledger, command: commands.PaymentCommand) -> tuple[events.PaymentEvent, ...]:
    """Return what happens. `()`: it already has. Raises `Refused`: it never will."""
    return DECIDE[type(command)](owed, ledger, command)


def _take(_owed: Owed, ledger: Ledger, fact: commands.ProviderFact) -> tuple[events.PaymentEvent, ...]:
    """Take a fact, unless it adds nothing to what is known."""
    event = RECORDED[type(fact)](**asdict(fact))
    return () if evolve(ledger, event) == ledger else (event,)


RECORDED: dict[type, type[events.PaymentEvent]] = {
    commands.RecordPaymentAuthorized: events.PaymentAuthorized,
    commands.RecordPaymentDeclined: events.PaymentDeclined,
    commands.RecordPaymentCaptured: events.PaymentCaptured,
    commands.RecordCaptureFailed: events.PaymentCaptureFailed,
    commands.RecordPaymentVoided: events.PaymentVoided,
    commands.RecordVoidFailed: events.PaymentVoidFailed,
    commands.RecordRefundSucceeded: events.RefundSucceeded,
    commands.RecordRefundFailed: events.RefundFailed,
    commands.RecordRefundReversed: events.RefundReversed,
    commands.RecordAuthorizationExpired: events.AuthorizationExpired,
    commands.RecordDisputeOpened: events.DisputeOpened,
    commands.RecordChargebackReversed: events.ChargebackReversed,
}
DECIDE: dict[type, Rule] = {
    commands.AuthorizePayment: authorize,
    commands.CapturePayment: capture,
    commands.VoidPayment: void,
    commands.GrantRefund: grant,
    commands.RefundPayment: refund,
    **dict.fromkeys(RECORDED, _take),
}
