"""The totals of a ledger, derived. No total is stored, so that none can disagree with what happened.

kept = captured - refunded - refunding - disputed
need = what the order and its fees still cost, less what was granted of them
due  = what must go back: grants that have not moved, and what was kept beyond them and the need
"""

from msgspec import Struct

from app.domain.latest import latest
from app.domain.payment.goods import taken
from app.domain.payment.movements import (
    captured_of,
    capturing_of,
    counts,
    disputed_of,
    held_of,
    open_of,
    refunded_of,
    refunding_of,
)
from app.domain.payment.state import Ledger, Owed


class Balance(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One set of totals, in minor units.

    `held`: authorised or about to be, and not captured. `open`: the part of it that is authorised and could still
    be captured. `granted`: promised back, moved or not. `unmoved`: granted with no refund under way.
    """

    held: int
    open: int
    capturing: int
    captured: int
    refunding: int
    refunded: int
    disputed: int
    granted: int
    unmoved: int
    kept: int
    need: int
    due: int


@latest
def balance(owed: Owed, ledger: Ledger) -> Balance:
    """Return the totals of a ledger, for what is owed now."""
    payments = ledger.payments
    refunds = [refund for payment in payments for refund in payment.refunds]
    counting = [refund for refund in refunds if counts(refund)]
    captured = sum([captured_of(payment) for payment in payments])
    disputed = sum([disputed_of(payment) for payment in payments])
    refunded = sum([refunded_of(refund) for refund in refunds])
    refunding = sum([refunding_of(refund) for refund in refunds])
    promised = sum([grant.amount for grant in ledger.grants])
    by_refunds = sum([r.shipping + r.other + sum([part.amount for part in r.lines]) for r in counting])
    unmoved = max(0, promised - sum([refund.of_grants for refund in counting]))
    kept = captured - refunded - refunding - disputed
    need = need_of(owed, ledger)
    beyond = max(0, kept - unmoved - need) if owed.placed else 0
    return Balance(
        held=sum([held_of(payment) for payment in payments]),
        open=sum([open_of(payment) for payment in payments]),
        capturing=sum([capturing_of(payment) for payment in payments]),
        captured=captured,
        refunding=refunding,
        refunded=refunded,
        disputed=disputed,
        granted=promised + by_refunds,
        unmoved=unmoved,
        kept=kept,
        need=need,
        due=max(0, min(unmoved + beyond, kept)),
    )


def need_of(owed: Owed, ledger: Ledger) -> int:
    """What the order still costs: lines and shipping less what was granted of each, and fees."""
    granted = taken(ledger)
    need = max(0, granted.fees - granted.other) + max(0, owed.shipping_left - granted.shipping)
    for line in owed.lines:
        need += max(0, owed.left(line) - granted.line(line.line_id).amount)
    return need
