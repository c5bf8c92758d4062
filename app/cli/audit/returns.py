"""The books of returns and carts: what was to be paid back for each unit that came, and which order has which cart."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from app.domain.cart.events import CartClaimed
from app.domain.cart.evolver import evolve as evolve_cart
from app.domain.money import half_even
from app.domain.returns.evolver import evolve as evolve_return

if TYPE_CHECKING:
    from app.cli.audit.findings import Findings
    from app.domain.cart.state import Cart
    from app.domain.returns.state import Return
    from app.wire.events import Envelope


class ReturnBook:
    """All returns, and those of each order."""

    def __init__(self) -> None:
        self.returns: dict[str, Return] = {}
        self.at: dict[str, int] = {}  # when each last changed, in milliseconds
        self.of_order: dict[str, list[str]] = defaultdict(list)

    def take(self, event: Envelope[Any], at: int, _findings: Findings) -> None:
        """Add an event."""
        name = event.subject
        before = self.returns.get(name)
        self.returns[name] = after = evolve_return(before, event.data, name)
        self.at[name] = at
        if before is None:
            self.of_order[after.facts.order_id].append(name)

    def judge(self, findings: Findings) -> None:
        """See that the units of a line are worth f(n) - f(k), and that fee and shipping are those of the approval."""
        for name, returned in self.returns.items():
            came: dict[str, int] = defaultdict(int)
            lines = {line.line_id: line for line in returned.facts.lines}
            fees = shipping = 0
            for receipt in [each.received for each in returned.receipts]:
                worth = 0
                for units in receipt.lines:
                    line = lines[units.line_id]
                    start = line.before + came[units.line_id]
                    came[units.line_id] += units.sellable + units.damaged
                    end = line.before + came[units.line_id]
                    due = half_even(line.line_total * end, line.ordered)
                    due -= half_even(line.line_total * start, line.ordered)
                    findings.expect("worth-of-units", f"{name} {receipt.receipt_id}", units.amount, due)
                    worth += units.amount
                wanted = worth + receipt.shipping - receipt.fee
                findings.expect("refund-of-receipt", f"{name} {receipt.receipt_id}", receipt.refund, wanted)
                fees += receipt.fee
                shipping += receipt.shipping
            terms = returned.approved
            if terms is not None and (fees > terms.fee or shipping > terms.shipping):
                what = f"fee {fees} and shipping {shipping}, approved {terms.fee} and {terms.shipping}"
                findings.differ("terms-of-return", name, what)
            for line_id, total in came.items():
                if total > lines[line_id].quantity:
                    findings.differ("too-many-came", name, f"{total} of line {line_id}")


class CartBook:
    """All carts."""

    def __init__(self) -> None:
        self.carts: dict[str, Cart] = {}
        self.at: dict[str, int] = {}

    def take(self, event: Envelope[Any], at: int, findings: Findings) -> None:
        """Add an event: nobody claims what another order has."""
        name, fact = event.subject, event.data
        before = self.carts.get(name)
        if (
            isinstance(fact, CartClaimed)
            and before is not None
            and before.order_id not in (None, fact.order_id)
        ):
            findings.differ("cart-twice", name, f"{before.order_id} has it, and {fact.order_id} claimed it")
        self.carts[name] = evolve_cart(before, fact, name)
        self.at[name] = at
