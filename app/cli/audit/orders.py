"""The books of orders: one partition of them, as their events make them, beside what stock, returns and carts say."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.domain.order import events
from app.domain.order.evolver import evolve
from app.domain.order.owed import owed
from app.domain.payment import events as money
from app.domain.payment.balance import balance

if TYPE_CHECKING:
    from app.cli.audit.findings import Findings
    from app.domain.order.state import Order
    from app.domain.payment.balance import Balance
    from app.wire.events import Envelope


@dataclass(slots=True)
class Account:
    """An order: its row by the domain's own rules, and what its events add up to. `at` in milliseconds."""

    order: Order
    at: int = 0
    ordered: int = 0
    cancelled: int = 0
    captured: dict[tuple[str, str], int] = field(default_factory=dict)
    refunded: dict[tuple[str, str], int] = field(default_factory=dict)

    def balance(self) -> Balance:
        return balance(owed(self.order), self.order.payments)


class OrderBook:
    """The orders of one partition."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}

    def take(self, event: Envelope[Any], at: int, findings: Findings) -> None:
        """Add an event."""
        name, fact = event.subject, event.data
        account = self.accounts.get(name)
        if account is None:
            if not isinstance(fact, events.OrderPlaced):
                findings.differ("not-placed", name, f"begins with {event.type}")
                return
            account = self.accounts[name] = Account(evolve(None, fact, name))
        else:
            account.order = evolve(account.order, fact, name)
        account.at = at
        _add(account, fact)

    def judge(self, findings: Findings) -> None:
        """Compare each order with what its events add up to; see that no units and no money are made."""
        for name, account in self.accounts.items():
            order = account.order
            findings.expect("ordered", name, order.facts.totals.total, account.ordered)
            findings.expect("cancelled", name, order.cancelled_amount, account.cancelled)
            _units(name, order, findings)
            if order.payments.payments or order.payments.grants:
                _money(name, account, findings)

    def sums(self) -> Counter[str]:
        """Return the amounts of all orders, by currency."""
        total: Counter[str] = Counter()
        for account in self.accounts.values():
            currency = account.order.facts.currency
            total[f"ordered {currency}"] += account.ordered
            total[f"cancelled {currency}"] += account.cancelled
            if account.order.payments.payments:
                now = account.balance()
                for what in ("captured", "refunded", "granted", "due", "held"):
                    total[f"{what} {currency}"] += getattr(now, what)
        return total


def _add(account: Account, fact: Any) -> None:
    """Add up an event, without the domain's rules."""
    match fact:
        case events.OrderPlaced():
            account.ordered += fact.facts.totals.total
        case events.AmendmentConfirmed():
            account.ordered += sum([line.line_total for line in fact.lines])
            account.ordered += sum([charge.total for charge in fact.shipping])
            account.cancelled += sum([units.amount for units in fact.cancelled])
        case events.OrderLinesCancelled() | events.OrderCancelled() | events.OrderExpired():
            account.cancelled += fact.amount
        case money.PaymentCaptured():
            at = fact.payment_id, fact.capture_id
            account.captured[at] = max(account.captured.get(at, 0), fact.amount)
        case money.RefundSucceeded():
            at = fact.payment_id, fact.refund_id
            account.refunded[at] = max(account.refunded.get(at, 0), fact.amount)
        case money.RefundReversed():
            account.refunded[fact.payment_id, fact.refund_id] = 0
        case _:
            pass


def _units(name: str, order: Order, findings: Findings) -> None:
    for line, cancelled, units in zip(order.facts.lines, order.all_cancelled, order.all_units, strict=True):
        findings.checked["units"] += 1
        if not (
            0 <= units.shipped <= line.quantity - cancelled
            and 0 <= units.delivered <= units.shipped
            and 0 <= units.returned <= units.shipped
            and cancelled >= 0
        ):
            what = f"ordered {line.quantity}, cancelled {cancelled}, shipped {units.shipped}, "
            what += f"delivered {units.delivered}, returned {units.returned}"
            findings.differ("units", f"{name} {line.line_id}", what)


def _money(name: str, account: Account, findings: Findings) -> None:
    now = account.balance()
    findings.expect("captured", name, now.captured, sum(account.captured.values()))
    findings.expect("refunded", name, now.refunded, sum(account.refunded.values()))
    if _contradicted(account.order):
        return  # a provider said no and then yes, or the customer's bank took it: facts that nobody here can refuse
    if now.refunded + now.refunding > now.captured:
        findings.differ(
            "refunded-above-captured", name, f"{now.refunded} + {now.refunding} of {now.captured}"
        )
    if now.granted > now.captured:
        findings.differ("granted-above-captured", name, f"{now.granted} of {now.captured}")


def _contradicted(order: Order) -> bool:
    return any(
        payment.disputes or any(refund.failed and refund.refunded for refund in payment.refunds)
        for payment in order.payments.payments
    )
