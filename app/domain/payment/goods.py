"""What of an order's goods is paid back: by units, by shares of a free amount; and what is left of each line.

Units k+1 to n of a line are worth f(n) - f(k), with f(n) = half_even(line_total x n / quantity): one by one or at
once, all of them are worth the line. Cancelled units count among the k. No line gives more than is left of it.
"""

from collections import Counter

from msgspec import Struct

from app.domain import money
from app.domain.payment.commands import Asked
from app.domain.payment.events import Part
from app.domain.payment.movements import counts
from app.domain.payment.state import Grant, Ledger, Owed, OwedLine, Refund
from app.domain.refused import Code, Refused


class Taken(Struct, frozen=True, kw_only=True, gc=False):
    """What of a line was granted: units, what these were worth, and shares of free amounts."""

    units: int = 0
    by_units: int = 0
    by_share: int = 0

    @property
    def amount(self) -> int:
        return self.by_units + self.by_share


class AllTaken(Struct, frozen=True, kw_only=True):
    """What was granted so far. A refund that failed grants nothing any more."""

    lines: dict[str, Taken]
    shipping: int
    other: int
    fees: int

    def line(self, line_id: str) -> Taken:
        return self.lines.get(line_id, NOTHING)


class Split(Struct, frozen=True, kw_only=True, gc=False):
    """An amount that is granted, in its parts. `other` is neither goods nor shipping."""

    lines: tuple[Part, ...] = ()
    shipping: int = 0
    other: int = 0

    @property
    def amount(self) -> int:
        return self.shipping + self.other + sum([part.amount for part in self.lines])


NOTHING = Taken()


def taken(ledger: Ledger) -> AllTaken:
    """Return what was granted of each line, of shipping, and beyond them."""
    units: Counter[str] = Counter()
    by_units: Counter[str] = Counter()
    by_share: Counter[str] = Counter()
    shipping = other = 0
    refunds = [refund for payment in ledger.payments for refund in payment.refunds if counts(refund)]
    grants: list[Grant | Refund] = [*ledger.grants, *refunds]
    for grant in grants:
        shipping += grant.shipping
        other += grant.other
        for part in grant.lines:
            units[part.line_id] += part.quantity
            (by_units if part.quantity else by_share)[part.line_id] += part.amount
    lines = {
        line_id: Taken(units=units[line_id], by_units=by_units[line_id], by_share=by_share[line_id])
        for line_id in units
    }
    fees = sum([grant.fee for grant in ledger.grants])
    return AllTaken(lines=lines, shipping=shipping, other=other, fees=fees)


def split(owed: Owed, ledger: Ledger, asked: Asked) -> Split:
    """Return what units, shipping and a free amount are worth now. Raises `Refused` for more than is left."""
    before = taken(ledger)
    parts = _units(owed, before, asked)
    of_shipping = max(0, owed.shipping_left - before.shipping)
    if asked.shipping > of_shipping:
        raise Refused(
            Code.REFUND_EXCEEDS_SHIPPING, f"{asked.shipping} of shipping, {of_shipping} of it is left"
        )
    left = {line.line_id: _left(owed, line, before) for line in owed.lines}
    for part in parts:
        left[part.line_id] -= part.amount
    free = min(asked.amount, sum(left.values()))
    if free:
        shares = money.shares(free, list(left.values()))
        parts += [Part(line_id=i, amount=share) for i, share in zip(left, shares, strict=True) if share]
    over = asked.amount - free
    more = min(over, of_shipping - asked.shipping)
    return Split(lines=tuple(parts), shipping=asked.shipping + more, other=over - more)


def shipping_left(owed: Owed, ledger: Ledger) -> int:
    """What of the shipping was not granted yet: the most that a refund may ask of it."""
    return max(0, owed.shipping_left - taken(ledger).shipping)


def _units(owed: Owed, before: AllTaken, asked: Asked) -> list[Part]:
    wanted = {line.line_id: line.quantity for line in asked.lines}
    if len(wanted) < len(asked.lines):
        raise Refused(Code.DUPLICATE_LINE, "a line is there more than once")
    parts = []
    for line in owed.lines:
        quantity = wanted.pop(line.line_id, 0)
        if quantity:
            parts.append(
                Part(line_id=line.line_id, quantity=quantity, amount=_worth(owed, line, before, quantity))
            )
    if wanted:
        raise Refused(Code.LINE_UNKNOWN, f"no line {', '.join(wanted)} in this order")
    return parts


def _worth(owed: Owed, line: OwedLine, before: AllTaken, quantity: int) -> int:
    had = before.line(line.line_id)
    upto = line.cancelled + had.units + quantity
    if upto > line.quantity:
        raise Refused(
            Code.REFUND_EXCEEDS_LINE,
            f"line {line.line_id}: {quantity} to refund, {line.quantity - line.cancelled - had.units} left",
        )
    # By what was granted, not by f(k): a refund between that failed leaves a gap, which the next unit closes.
    by_units = money.of_units(line.line_total, line.quantity, line.cancelled, upto - line.cancelled)
    return max(0, min(by_units - had.by_units, _left(owed, line, before)))


def _left(owed: Owed, line: OwedLine, before: AllTaken) -> int:
    return max(0, owed.left(line) - before.line(line.line_id).amount)
