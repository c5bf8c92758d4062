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


def worth(total: int, quantity: int, units: int) -> int:
    """Return what so many units of a line are worth, half to even."""
    return int((Decimal(total) * units / quantity).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


@dataclass(slots=True)
class OrderLine:
    """One line of an order: the quantities, and the amounts in minor units."""

    quantity: int
    total: int
    cancelled: int = 0
    returned: int = 0

    @property
    def cancelled_amount(self) -> int:
        return worth(self.total, self.quantity, self.cancelled) if self.cancelled else 0

    @property
    def returned_amount(self) -> int:
        """What is left of the line's worth without all that was taken back, off what was left before the returns."""
        if not self.returned:
            return 0
        return worth(self.total, self.quantity, self.cancelled + self.returned) - self.cancelled_amount


@dataclass
class Order:
    """What the running system must answer for one order. Amounts are minor units."""

    customer: str | None
    currency: str
    lines: dict[str, OrderLine] = field(default_factory=dict)
    shipping: int = 0
    cancelled_whole: bool = False
    stage: str = "placed"
    shipped: bool = False
    paid: int = 0
    refunded: int = 0
    late: bool = False

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
        return self.stage if self.stage in ("placed", "cancelled") else "confirmed"

    @property
    def told(self) -> dict[str, object]:
        """Everything about the order, in one shape for all comparisons."""
        return {
            "customer": self.customer,
            "currency": self.currency,
            "total": self.total,
            "cancelled": self.cancelled_amount,
            "stage": self.stage,
            "paid": self.paid,
            "refunded": self.refunded,
            "lines": {line_id: self._line(line) for line_id, line in self.lines.items()},
        }

    def _line(self, line: OrderLine) -> tuple[int, ...]:
        """Return ordered, total, cancelled, shipped, returned."""
        cancelled = line.quantity if self.cancelled_whole else line.cancelled
        shipped = line.quantity - cancelled if self.shipped else 0
        return line.quantity, line.total, cancelled, shipped, line.returned


@dataclass
class Shelf:
    """What must be in a warehouse of one product at the end."""

    on_hand: int = 0
    reserved: int = 0


@dataclass
class Recount:
    """The orders of a source by its own id of them, and every line of it in exactly one count."""

    documents: int = 0  # invoices or orders
    lines: int = 0
    orders: dict[str, Order] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    shelves: dict[str, Shelf] = field(default_factory=dict)
    waiting: int = 0  # lines that waited for stock
    too_early: int = 0  # orders whose parcel left before they were approved
    refusals: Counter[str] = field(default_factory=Counter)

    def sum(self, of: Callable[[Order], int]) -> int:
        """Return a sum over all orders."""
        return sum(of(order) for order in self.orders.values())

    @property
    def placed_amount(self) -> int:
        return self.sum(lambda order: order.total)

    @property
    def cancelled_amount(self) -> int:
        return self.sum(lambda order: order.cancelled_amount)

    @property
    def returned_amount(self) -> int:
        return self.sum(lambda order: sum(line.returned_amount for line in order.lines.values()))

    @property
    def stages(self) -> Counter[str]:
        return Counter(order.stage for order in self.orders.values())


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
    days: dict[int, str] = {}  # of the invoice that starts on this line
    length: Counter[str] = Counter()
    sold: dict[Bucket, list[tuple[int, int, OrderLine]]] = defaultdict(list)
    returned: dict[Bucket, list[tuple[int, int, int]]] = defaultdict(list)
    prices: dict[str, Decimal] = {}
    for number, row in enumerate(rows(folder / "online_retail.csv")):
        invoice, code, quantity = row["InvoiceNo"], row["StockCode"], int(row["Quantity"])
        price = prices.setdefault(row["UnitPrice"], Decimal(row["UnitPrice"]))
        customer = row["CustomerID"].split(".")[0]
        start = starts.setdefault(invoice, number)
        days.setdefault(start, row["InvoiceDate"].split(" ")[0])
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
    _settle(result.counts, sold, returned, days)
    for order in result.orders.values():
        _leave(order)
    return result


def _leave(order: Order) -> None:
    """Say what became of an order: it left and was paid in the first night, if there was something left of it."""
    lines = order.lines.values()
    if all(line.cancelled == line.quantity for line in lines):
        order.stage = "cancelled"
        return
    order.shipped, order.paid = True, order.total - order.cancelled_amount
    order.refunded = sum(line.returned_amount for line in lines)
    back, left = sum(line.returned for line in lines), sum(line.quantity - line.cancelled for line in lines)
    order.stage = "shipped" if not back else "returned" if back == left else "partially-returned"


def _settle(
    counts: Counter[str],
    sold: dict[Bucket, list[tuple[int, int, OrderLine]]],
    returned: dict[Bucket, list[tuple[int, int, int]]],
    days: dict[int, str],
) -> None:
    """Take each returned line off the latest earlier purchase that still has enough, bucket by bucket.

    What was bought on the same day did not leave yet: it is cancelled. The rest comes back.
    """
    first_bought: dict[tuple[str, str], int] = {}
    for (customer, code, _), purchases in sold.items():
        start = min(start for start, _, _ in purchases)
        first_bought[customer, code] = min(start, first_bought.get((customer, code), start))
    for (customer, code, price), returns in returned.items():
        latest_first = sorted(sold.get((customer, code, price), []), reverse=True, key=lambda each: each[:2])
        for start, _, quantity in sorted(returns):
            earlier = [(begun, line) for begun, _, line in latest_first if begun < start]
            enough = [
                each
                for each in earlier
                if each[1].quantity - each[1].cancelled - each[1].returned >= quantity
            ]
            if enough and days[enough[0][0]] == days[start]:
                counts["cancelled"] += 1
                enough[0][1].cancelled += quantity
            elif enough:
                counts["returned"] += 1
                enough[0][1].returned += quantity
            elif earlier:
                counts["not-enough-left"] += 1
            elif first_bought.get((customer, code), start) < start:
                counts["bought-at-another-price"] += 1
            else:
                counts["never-bought-before"] += 1


def northwind(folder: Path) -> Recount:
    """Recount the fictional company: discounts per line, freight as shipping, shelves by cumulated sums."""
    result = Recount()
    left: dict[str, str] = {}
    dates: dict[str, tuple[str, str]] = {}
    for row in rows(folder / "orders.csv"):
        freight, shipped = minor(Decimal(row["Freight"])), bool(row["ShippedDate"])
        result.orders[row["OrderID"]] = Order(
            row["CustomerID"],
            "USD",
            shipping=freight,
            stage="shipped" if shipped else "confirmed",
            shipped=shipped,
            late=row["ShippedDate"] > row["RequiredDate"],
        )
        left[row["OrderID"]] = row["ShippedDate"]
        dates[row["OrderID"]] = (row["OrderDate"], row["OrderID"])
        result.documents += 1
    ordered: dict[str, list[tuple[tuple[str, str], int]]] = defaultdict(list)
    for row in rows(folder / "order_details.csv"):
        quantity, gross = int(row["Quantity"]), int(row["Quantity"]) * Decimal(row["UnitPrice"])
        total = minor(gross) - minor(gross * Decimal(row["Discount"]))
        result.orders[row["OrderID"]].lines[row["ProductID"]] = OrderLine(quantity, total)
        ordered[row["ProductID"]].append((dates[row["OrderID"]], quantity))
        result.lines += 1
        result.counts["placed"] += 1
    for order in result.orders.values():
        order.paid = order.total if order.shipped else 0
    for row in rows(folder / "products.csv"):
        stock, wanted = int(row["UnitsInStock"]), sorted(ordered[row["ProductID"]])
        unsent = sum(quantity for (_, number), quantity in wanted if not left[number])
        result.shelves[row["ProductID"]] = Shelf(stock + unsent, unsent)
        result.waiting += _waiting(stock, wanted, left)
    return result


def _waiting(stock: int, wanted: list[tuple[tuple[str, str], int]], left: dict[str, str]) -> int:
    """Count the lines for which there was not enough of a product when they were ordered.

    Each parcel for which there would not be enough brings what was ordered up to its order, and a full shelf. So what
    had come in by a day is the largest of these up to that day.
    """
    up_to, total = {}, 0
    for (_, number), quantity in wanted:
        total += quantity
        up_to[number] = total
    parcels = sorted((left[number], day, number) for (day, number), _ in wanted if left[number])
    came, waiting = stock, 0
    for (day, number), _ in wanted:
        while parcels and parcels[0][0] < day:
            needed = up_to[parcels.pop(0)[2]]
            came = came if needed <= came else needed + stock
        waiting += up_to[number] > came
    return waiting


def olist(folder: Path) -> Recount:
    """Recount the marketplace: one line an item, its freight as shipping, what the timestamps say at the end."""
    result = Recount()
    person = {
        row["customer_id"]: row["customer_unique_id"] for row in rows(folder / "olist_customers_dataset.csv")
    }
    known = {row["order_id"]: row for row in rows(folder / "olist_orders_dataset.csv")}
    for item in rows(folder / "olist_order_items_dataset.csv"):
        of = known[item["order_id"]]
        order = result.orders.setdefault(item["order_id"], Order(person[of["customer_id"]], "BRL"))
        order.lines[item["order_item_id"]] = OrderLine(1, minor(Decimal(item["price"])))
        order.shipping += minor(Decimal(item["freight_value"]))
        result.counts["placed"] += 1
        result.lines += 1
    paid: Counter[str] = Counter()
    for payment in rows(folder / "olist_order_payments_dataset.csv"):
        paid[payment["order_id"]] += minor(Decimal(payment["payment_value"]))
    for order_id, order in result.orders.items():
        _live(order, known[order_id], paid[order_id], result)
    result.documents = len(known)
    for order_id in known.keys() - result.orders.keys():
        result.counts["without-items-" + known[order_id]["order_status"]] += 1
    return result


def _live(order: Order, row: dict[str, str], paid: int, result: Recount) -> None:
    """Say what the timestamps of an order of the marketplace come to, and what of them comes too early."""
    bought, approved = row["order_purchase_timestamp"], row["order_approved_at"]
    carrier, customer = row["order_delivered_carrier_date"], row["order_delivered_customer_date"]
    order.paid = paid if approved else 0
    order.shipped = bool(carrier)
    order.stage = "delivered" if customer else "shipped" if carrier else "confirmed" if approved else "placed"
    if row["order_status"] in ("canceled", "unavailable"):
        if carrier:
            result.refusals["order-shipped"] += 1
        else:
            order.cancelled_whole, order.stage = True, "cancelled"
    order.refunded = order.paid if order.cancelled_whole else max(0, order.paid - order.total)
    result.too_early += bool(carrier) and carrier < approved
    for time in (approved, carrier, customer):
        result.refusals["order-unknown"] += bool(time) and time < bought
    result.refusals["shipment-unknown"] += bool(customer) and bought <= customer < carrier
