"""The replayed numbers once more, from the files alone: plain csv, Decimal, and nothing of this project.

It works another way than the replay on purpose. The replay reads the invoices one after the other and keeps
a ledger of purchases; this recount first sorts every line into buckets of (customer, stock code, price) and
then settles each bucket for itself.
"""

from __future__ import annotations

import csv
import gzip
import lzma
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import TextIO

OPEN: dict[str, Callable[..., TextIO]] = {".csv": open, ".xz": lzma.open, ".gz": gzip.open}
Bucket = tuple[str, str, Decimal]  # customer, stock code, price


@dataclass(slots=True)
class OrderLine:
    """One line of an order: the quantities, and the amounts in minor units."""

    quantity: int
    total: int
    cancelled: int = 0

    @property
    def cancelled_amount(self) -> int:
        if not self.cancelled:
            return 0
        worth = Decimal(self.total) * self.cancelled / self.quantity
        return int(worth.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


@dataclass
class Order:
    """What the running system must answer for one order. Amounts are minor units."""

    customer: str | None
    currency: str
    lines: dict[str, OrderLine] = field(default_factory=dict)
    shipping: int = 0
    cancelled_whole: bool = False

    @property
    def total(self) -> int:
        return sum(line.total for line in self.lines.values()) + self.shipping

    @property
    def cancelled_amount(self) -> int:
        if self.cancelled_whole:
            return self.total
        return sum(line.cancelled_amount for line in self.lines.values())

    @property
    def state(self) -> str:
        gone = self.cancelled_whole or all(line.cancelled == line.quantity for line in self.lines.values())
        return "cancelled" if gone else "placed"

    @property
    def told(self) -> dict[str, object]:
        """Everything about the order, in one shape for all comparisons."""
        return {
            "customer": self.customer,
            "currency": self.currency,
            "total": self.total,
            "cancelled": self.cancelled_amount,
            "state": self.state,
            "lines": {
                line_id: (
                    line.quantity,
                    line.total,
                    line.quantity if self.cancelled_whole else line.cancelled,
                )
                for line_id, line in self.lines.items()
            },
        }


@dataclass
class Recount:
    """The orders of a source by its own id of them, and every line of it in exactly one count."""

    documents: int = 0  # invoices or orders
    lines: int = 0
    orders: dict[str, Order] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def placed_amount(self) -> int:
        return sum(order.total for order in self.orders.values())

    @property
    def cancelled_amount(self) -> int:
        return sum(order.cancelled_amount for order in self.orders.values())

    @property
    def cancelled_quantity(self) -> int:
        return sum(
            line.quantity if order.cancelled_whole else line.cancelled
            for order in self.orders.values()
            for line in order.lines.values()
        )


def rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a csv file, or of the packed one that lies there in its place."""
    files = [path, path.with_name(f"{path.name}.xz"), path.with_name(f"{path.name}.gz")]
    file = next(file for file in files if file.exists())
    with OPEN[file.suffix](file, "rt", encoding="utf-8", newline="") as text:
        table = csv.reader(text)
        columns = next(table)
        for row in table:
            yield dict(zip(columns, row, strict=True))


def minor(amount: Decimal) -> int:
    """Return an amount of money in hundredths, half to even."""
    return int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def online_retail(folder: Path) -> Recount:
    """Recount the file of invoices. A purchase is earlier when its invoice starts earlier in the file."""
    result = Recount()
    starts: dict[str, int] = {}
    length: Counter[str] = Counter()
    sold: dict[Bucket, list[tuple[int, int, OrderLine]]] = defaultdict(list)
    returned: dict[Bucket, list[tuple[int, int, int]]] = defaultdict(list)
    prices: dict[str, Decimal] = {}
    for number, row in enumerate(rows(folder / "online_retail.csv")):
        invoice, code, quantity = row["InvoiceNo"], row["StockCode"], int(row["Quantity"])
        price = prices.setdefault(row["UnitPrice"], Decimal(row["UnitPrice"]))
        customer = row["CustomerID"].split(".")[0]
        start = starts.setdefault(invoice, number)
        length[invoice] += 1
        if invoice[0] == "C" and not customer:
            result.counts["cancelled-without-customer"] += 1
        elif invoice[0] == "C":
            returned[customer, code, price].append((start, number, -quantity))
        elif quantity < 0:
            result.counts["negative-quantity"] += 1
        elif price < 0:
            result.counts["negative-price"] += 1
        elif price == 0:
            result.counts["zero-price"] += 1
        else:
            line = OrderLine(quantity, minor(quantity * price))
            order = result.orders.setdefault(invoice, Order(customer or None, "GBP"))
            order.lines[str(length[invoice])] = line
            result.counts["placed"] += 1
            if customer:
                sold[customer, code, price].append((start, number, line))
    result.documents, result.lines = len(starts), length.total()
    _settle(result.counts, sold, returned)
    return result


def _settle(
    counts: Counter[str],
    sold: dict[Bucket, list[tuple[int, int, OrderLine]]],
    returned: dict[Bucket, list[tuple[int, int, int]]],
) -> None:
    """Take each returned line off the latest earlier purchase that still has enough, bucket by bucket."""
    first_bought: dict[tuple[str, str], int] = {}
    for (customer, code, _), purchases in sold.items():
        start = min(start for start, _, _ in purchases)
        first_bought[customer, code] = min(start, first_bought.get((customer, code), start))
    for (customer, code, price), returns in returned.items():
        latest_first = sorted(sold.get((customer, code, price), []), reverse=True, key=lambda each: each[:2])
        for start, _, quantity in sorted(returns):
            earlier = [line for begun, _, line in latest_first if begun < start]
            enough = [line for line in earlier if line.quantity - line.cancelled >= quantity]
            if enough:
                counts["cancelled"] += 1
                enough[0].cancelled += quantity
            elif earlier:
                counts["not-enough-left"] += 1
            elif first_bought.get((customer, code), start) < start:
                counts["bought-at-another-price"] += 1
            else:
                counts["never-bought-before"] += 1


def northwind(folder: Path) -> Recount:
    """Recount the orders of the fictional company: discounts per line, freight as shipping."""
    result = Recount()
    for row in rows(folder / "orders.csv"):
        freight = minor(Decimal(row["Freight"]))
        result.orders[row["OrderID"]] = Order(row["CustomerID"], "USD", shipping=freight)
        result.documents += 1
    for row in rows(folder / "order_details.csv"):
        quantity, gross = int(row["Quantity"]), int(row["Quantity"]) * Decimal(row["UnitPrice"])
        total = minor(gross) - minor(gross * Decimal(row["Discount"]))
        result.orders[row["OrderID"]].lines[row["ProductID"]] = OrderLine(quantity, total)
        result.lines += 1
        result.counts["placed"] += 1
    return result


def olist(folder: Path) -> Recount:
    """Recount the marketplace: one line an item, its freight as shipping, cancelled orders as a whole."""
    result = Recount()
    person = {
        row["customer_id"]: row["customer_unique_id"] for row in rows(folder / "olist_customers_dataset.csv")
    }
    known = {row["order_id"]: row for row in rows(folder / "olist_orders_dataset.csv")}
    for item in rows(folder / "olist_order_items_dataset.csv"):
        of = known[item["order_id"]]
        order = result.orders.setdefault(
            item["order_id"],
            Order(person[of["customer_id"]], "BRL", cancelled_whole=of["order_status"] == "canceled"),
        )
        order.lines[item["order_item_id"]] = OrderLine(1, minor(Decimal(item["price"])))
        order.shipping += minor(Decimal(item["freight_value"]))
        result.counts["placed"] += 1
        result.lines += 1
    result.documents = len(known)
    for order_id in known.keys() - result.orders.keys():
        result.counts["without-items-" + known[order_id]["order_status"]] += 1
    return result
