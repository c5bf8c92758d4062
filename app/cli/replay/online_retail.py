"""UCI Online Retail: a year of a British gift shop, cancellations and dirt included.

Every line is exactly one of:

- placed: quantity and price above zero. The invoice becomes `place-order.v1`; a guest's has no `customer_id`.
- cancelled: a line of a C-invoice that takes back the customer's latest earlier purchase of that stock code
  at that price with enough left. "Earlier" is an invoice that starts earlier in the file, which is in time
  order. The lines of one C-invoice that touch the same order become one `cancel-lines.v1`.
- unused, with its reason.

A line's id is its place in its invoice, unused lines counted. Prices are tax-free pence; the few below a
penny keep their digits (`unit_price_precision`), and the line's total is rounded half to even.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from msgspec import Struct

from app.cli.replay.exact import Price, price
from app.cli.replay.purchases import Purchase, Purchases
from app.cli.replay.source import Draft, Item, Size, Unused, table
from app.domain.order.amounts import priced
from app.domain.order.commands import Address, CancelLines, Line, PlaceOrder, Totals, UnitsToCancel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COLUMNS = (
    "InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country",
)  # fmt: skip
LONDON = ZoneInfo("Europe/London")


class Row(Struct, frozen=True, gc=False):
    """A line of the file, its `number` counted within its invoice."""

    invoice: str
    number: str
    sku: str
    name: str
    quantity: int
    at: str
    price: Price
    customer: str | None
    country: str


def read(path: Path) -> Iterator[Item]:
    """Yield what becomes of the file, or of `online_retail.csv` in a folder, invoice by invoice."""
    file = path / "online_retail.csv" if path.is_dir() else path
    lengths = Counter(row[0] for row in table(file, COLUMNS))
    yield Size(documents=len(lengths), lines=lengths.total())
    purchases = Purchases()
    for invoice in _invoices(file, lengths):
        if invoice[0].invoice.startswith("C"):
            yield from _cancel(invoice, purchases)
        else:
            yield from _place(invoice, purchases)


def _invoices(file: Path, lengths: Counter[str]) -> Iterator[list[Row]]:
    """Yield each invoice whole, by its first line: another invoice may stand between two of its lines."""
    begun: dict[str, list[Row]] = {}
    for invoice, sku, name, quantity, at, unit_price, customer, country in table(file, COLUMNS):
        rows = begun.setdefault(invoice, [])
        rows.append(
            Row(
                invoice,
                str(len(rows) + 1),
                sku,
                name.strip(),
                int(quantity),
                at,
                price(unit_price),
                customer.removesuffix(".0") or None,  # the file has 17850.0
                country,
            )
        )
        while begun:
            first = next(iter(begun))
            if len(begun[first]) < lengths[first]:
                break
            yield begun.pop(first)


def _place(invoice: list[Row], purchases: Purchases) -> Iterator[Draft | Unused]:
    good = []
    for row in invoice:
        reason = _unusable(row)
        if reason:
            yield Unused(reason, f"{row.invoice}/{row.number}")
        else:
            good.append(row)
    if not good:
        return
    head, order_id = good[0], f"online-retail-{good[0].invoice}"
    at = _time(head.at)
    order = priced(
        PlaceOrder(
            customer_id=head.customer,
            placed_at=at,
            zone=LONDON.key,
            currency="GBP",
            shipping_address=Address(country=head.country),
            lines=tuple([_line(row) for row in good]),
            totals=Totals(goods=0, total=0),
        )
    )
    if head.customer is not None:
        for row, line in zip(good, order.lines, strict=True):
            purchases.add(
                head.customer,
                row.sku,
                row.price,
                order_id=order_id,
                line_id=line.line_id,
                quantity=line.quantity,
                total=line.line_total,
            )
    units = sum(row.quantity for row in good)
    yield Draft(f"{order_id}-place", order_id, at, order, len(good), units, order.totals.total)


def _unusable(row: Row) -> str | None:
    if row.quantity < 0:
        return "negative-quantity"  # stock written off
    if row.price.amount < 0:
        return "negative-price"  # bad debt
    if row.price.amount == 0:
        return "zero-price"
    return "zero-quantity" if row.quantity == 0 else None


def _line(row: Row) -> Line:
    return Line(
        line_id=row.number,
        sku=row.sku,
        name=row.name,
        quantity=row.quantity,
        unit_price=row.price.amount,
        unit_price_precision=row.price.precision,
        line_total=0,  # `priced` computes it
    )


def _cancel(invoice: list[Row], purchases: Purchases) -> Iterator[Draft | Unused]:
    taken: dict[str, list[tuple[Purchase, int, int]]] = defaultdict(list)
    for row in invoice:
        found = _purchase(row, purchases)
        if isinstance(found, str):
            yield Unused(found, f"{row.invoice}/{row.number}")
        else:
            taken[found.order_id].append((found, -row.quantity, found.cancel(-row.quantity)))
    at = _time(invoice[0].at)
    for order_id, parts in taken.items():
        units: Counter[str] = Counter()  # one line may be taken back twice by one C-invoice
        for purchase, quantity, _ in parts:
            units[purchase.line_id] += quantity
        command = CancelLines(
            lines=tuple([UnitsToCancel(line_id=line, quantity=quantity) for line, quantity in units.items()]),
            reason=invoice[0].invoice,
        )
        command_id = f"{order_id}-cancel-{invoice[0].invoice}"
        amount = sum(amount for _, _, amount in parts)
        yield Draft(command_id, order_id, at, command, len(parts), units.total(), amount)


def _purchase(row: Row, purchases: Purchases) -> Purchase | str:
    if row.quantity >= 0:
        return "not-negative-in-cancellation"
    if row.customer is None:
        return "cancelled-without-customer"
    return purchases.latest_with(-row.quantity, row.customer, row.sku, row.price)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)
