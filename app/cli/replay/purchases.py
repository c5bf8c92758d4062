"""Which purchase a C-invoice takes back: the customer's latest earlier one with enough left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from app.domain.money import of_units

if TYPE_CHECKING:
    from app.cli.replay.exact import Price


class Purchase(Struct, gc=False):
    """One line of a placed order. `before` is the purchase of the same thing before it."""

    order_id: str
    line_id: str
    sku: str
    quantity: int
    total: int
    before: Purchase | None
    taken_back: int = 0

    def take_back(self, quantity: int) -> int:
        """Take units back. Returns their amount."""
        worth = of_units(self.total, self.quantity, self.taken_back, quantity)
        self.taken_back += quantity
        return worth


class Purchases:
    """The latest purchase of each thing: by customer, stock code and price."""

    def __init__(self) -> None:
        self._latest: dict[tuple[str, str, Price], Purchase] = {}
        self._bought: set[tuple[str, str]] = set()

    def add(
        self, customer: str, sku: str, price: Price, *, order_id: str, line_id: str, quantity: int, total: int
    ) -> None:
        """Remember a purchase, later than all before it."""
        thing = customer, sku, price
        self._latest[thing] = Purchase(order_id, line_id, sku, quantity, total, self._latest.get(thing))
        self._bought.add((customer, sku))

    def latest_with(self, quantity: int, customer: str, sku: str, price: Price) -> Purchase | str:
        """Return the purchase that covers the whole quantity, or the reason why there is none.

        A quantity is never split over several purchases: one line of a credit note is about one sale.
        """
        latest = purchase = self._latest.get((customer, sku, price))
        while purchase is not None:
            if purchase.quantity - purchase.taken_back >= quantity:
                return purchase
            purchase = purchase.before
        if latest is not None:
            return "not-enough-left"
        return "bought-at-another-price" if (customer, sku) in self._bought else "never-bought-before"
