"""What is remembered of an order's payments (`Ledger`), and what must be known of the order (`Owed`).

Totals, statuses and debts are not here: they follow from this (balance.py, statuses.py, settlement.py).
"""

from datetime import datetime

from msgspec import Struct

from app.domain.money import half_even
from app.domain.payment.commands import Asked
from app.domain.payment.events import Part


class OwedLine(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A line as it was ordered, and how many of its units were cancelled since."""

    line_id: str
    quantity: int
    line_total: int
    cancelled: int = 0


class Owed(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What is owed for an order, so far as the order itself says it.

    `placed` is false while no order is known. `ended`: it was cancelled or expired, and nothing is owed for it.
    `shipping` is what is left of the shipping total after cancellations. `proposed` is what an amendment would
    add: it may be authorised, but not captured before it is confirmed.
    """

    currency: str
    exponent: int = 2
    lines: tuple[OwedLine, ...] = ()
    shipping: int = 0
    placed: bool = True
    ended: bool = False
    proposed: int = 0

    @property
    def total(self) -> int:
        """What the order costs after cancellations."""
        return self.shipping_left + sum([self.left(line) for line in self.lines])

    @property
    def shipping_left(self) -> int:
        return self.shipping if self._stands else 0

    def left(self, line: OwedLine) -> int:
        """What the units of a line that were not cancelled are worth."""
        if not self._stands:
            return 0
        return line.line_total - half_even(line.line_total * line.cancelled, line.quantity)

    @property
    def _stands(self) -> bool:
        return self.placed and not self.ended


class Capture(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A capture: `requested` by us, `captured` as the provider says."""

    capture_id: str
    requested: int | None = None
    captured: int | None = None
    failed: bool = False
    reference: str = ""


class Refund(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A refund: what we asked for with what it grants, and what became of it."""

    refund_id: str
    capture_id: str = ""
    requested: int | None = None
    asked: Asked | None = None
    of_grants: int = 0
    lines: tuple[Part, ...] = ()
    shipping: int = 0
    other: int = 0
    refunded: int | None = None
    failed: bool = False
    reversed: bool = False
    reference: str = ""


class Dispute(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What the customer's bank took back, until it gave it back."""

    dispute_id: str
    amount: int = 0
    reversed: bool = False


class Payment(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One authorisation with all that followed of it. Every field only ever grows: see join.py."""

    payment_id: str
    provider: str = ""
    method: str = ""
    reference: str = ""
    requested: int | None = None
    authorized: int | None = None
    expires_at: datetime | None = None
    declined: bool = False
    expired: bool = False
    void_attempts: int = 0
    void_failures: int = 0
    voided: bool = False
    captures: tuple[Capture, ...] = ()
    refunds: tuple[Refund, ...] = ()
    disputes: tuple[Dispute, ...] = ()


class Grant(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A promise to pay back. `amount` = `lines` + `shipping` + `other` - `fee`."""

    grant_id: str
    asked: Asked
    lines: tuple[Part, ...] = ()
    shipping: int = 0
    other: int = 0
    fee: int = 0
    amount: int


class Ledger(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Payments by their ids, grants in the order of their granting."""

    payments: tuple[Payment, ...] = ()
    grants: tuple[Grant, ...] = ()


EMPTY = Ledger()
