"""What the ledger must know of an order, and whether what it costs is covered."""

from app.domain.latest import latest
from app.domain.order.state import Order
from app.domain.payment.balance import balance
from app.domain.payment.state import Owed, OwedLine


@latest
def owed(order: Order) -> Owed:
    """Return what is owed for an order, so far as the order itself says it."""
    facts = order.facts
    return Owed(
        currency=facts.currency,
        exponent=facts.exponent,
        lines=tuple(
            [
                OwedLine(
                    line_id=line.line_id,
                    quantity=line.quantity,
                    line_total=line.line_total,
                    cancelled=cancelled,
                )
                for line, cancelled in zip(facts.lines, order.all_cancelled, strict=True)
            ]
        ),
        shipping=sum([charge.total for charge in facts.shipping]),
        ended=order.ended,
        proposed=sum([max(0, each.facts.difference) for each in order.amendments if each.open]),
    )


def uncovered(order: Order, more: int = 0, *, kept_only: bool = False) -> int:
    """Return what of the order, and of `more`, is neither authorised nor paid; with `kept_only`, not paid."""
    now = balance(owed(order), order.payments)
    covered = now.kept - now.unmoved
    if not kept_only:
        covered += now.open + now.capturing
    return max(0, now.need + more - covered)
