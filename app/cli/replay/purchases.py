"""Which purchase a cancellation takes back: the customer's latest earlier one with enough left."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from app.domain.money import of_units

if TYPE_CHECKING:
    from app.cli.replay.exact import Price


class Purchase:
    """One line of a placed order, and how many of its units are cancelled so far."""

    __slots__ = ("cancelled", "line_id", "order_id", "quantity", "total")

    def __init__(self, order_id: str, line_id: str, quantity: int, total: int) -> None:
        self.order_id = order_id
        self.line_id = line_id
        self.quantity = quantity
        self.total = total
        self.cancelled = 0

    def cancel(self, quantity: int) -> int:
        """Take units back. Returns their amount."""
        worth = of_units(self.total, self.quantity, self.cancelled, quantity)
        self.cancelled += quantity
        return worth


class Purchases:
    """Every purchase so far, oldest first, by customer, stock code and price."""

    def __init__(self) -> None:
        self._at_price: dict[tuple[str, str, Price], list[Purchase]] = defaultdict(list)
        self._bought: set[tuple[str, str]] = set()

    def add(self, customer: str, sku: str, price: Price, purchase: Purchase) -> None:
        """Remember a purchase, later than all before it."""
        self._at_price[customer, sku, price].append(purchase)
        self._bought.add((customer, sku))

    def latest_with(self, quantity: int, customer: str, sku: str, price: Price) -> Purchase | str:
        """Return the purchase that covers the whole quantity, or the reason why there is none.

        A quantity is never split over several purchases: one line of a credit note is about one sale.
        """
        purchases = self._at_price.get((customer, sku, price), [])
        for purchase in reversed(purchases):
            if purchase.quantity - purchase.cancelled >= quantity:
                return purchase
        if purchases:
            return "not-enough-left"
        return "bought-at-another-price" if (customer, sku) in self._bought else "never-bought-before"
