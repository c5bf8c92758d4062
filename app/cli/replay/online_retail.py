"""UCI Online Retail: a year of a British gift shop, cancellations and dirt included.

Every line is exactly one of:

- placed: quantity and price above zero. The invoice becomes `place-order.v1`; a guest's has no `customer_id`.
- cancelled or returned: a line of a C-invoice that takes back the customer's latest earlier purchase of that
  stock code at that price with enough left. "Earlier" is an invoice that starts earlier in the file, which is in
  time order. The file does not say when goods left: here an order leaves, paid, in the night after its invoice
  (leaving.py). The lines of one C-invoice that touch the same order become one `cancel-lines.v1` before that,
  and one return after it (coming_back.py).
- unused, with its reason.

A line's id is its place in its invoice, unused lines counted. Prices are tax-free pence; the few below a
penny keep their digits (`unit_price_precision`), and the line's total is rounded half to even.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct

from app.cli.replay.coming_back import Back, returned
from app.cli.replay.exact import Price, price
from app.cli.replay.leaving import LONDON, Outgoing, time_of
from app.cli.replay.purchases import Purchase, Purchases
from app.cli.replay.source import Draft, Item, Size, Unused, table
from app.domain.order.amounts import priced
from app.domain.order.commands import Address, CancelLines, Line, PlaceOrder, Totals, UnitsToCancel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

COLUMNS = (
    "InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country",
)  # fmt: skip


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
    purchases, outgoing = Purchases(), Outgoing()
    for invoice in _invoices(file, lengths):
        yield from outgoing.before(invoice[0].at)
        if invoice[0].invoice.startswith("C"):
            yield from _take_back(invoice, purchases, outgoing)
        else:
            yield from _place(invoice, purchases, outgoing)
    yield from outgoing.rest()


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


def _place(invoice: list[Row], purchases: Purchases, outgoing: Outgoing) -> Iterator[Draft | Unused]:
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
    at = time_of(head.at)
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
    outgoing.add(order_id, head.at, order)
    yield Draft(
        f"{order_id}-place", order_id, at, order, order_id,
        lines=len(good), units=units, amount=order.totals.total, leaves="placed",
    )  # fmt: skip


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


def _take_back(invoice: list[Row], purchases: Purchases, outgoing: Outgoing) -> Iterator[Draft | Unused]:
    taken: dict[str, list[Back]] = defaultdict(list)
    for row in invoice:
        found = _purchase(row, purchases)
        if isinstance(found, str):
            yield Unused(found, f"{row.invoice}/{row.number}")
        else:
            before = found.taken_back
            taken[found.order_id].append(Back(found, before, -row.quantity, found.take_back(-row.quantity)))
    at = time_of(invoice[0].at)
    for order_id, parts in taken.items():
        if outgoing.has(order_id):
            yield _cancel(order_id, invoice[0].invoice, at, parts, outgoing)
        else:
            left = outgoing.came_back(order_id, sum(part.quantity for part in parts))
            yield from returned(order_id, invoice[0].invoice, at, parts, is_all=not left)


def _cancel(order_id: str, invoice: str, at: datetime, parts: list[Back], outgoing: Outgoing) -> Draft:
    units: Counter[str] = Counter()  # one line may be taken back twice by one C-invoice
    for part in parts:
        units[part.purchase.line_id] += part.quantity
    amount = sum(part.amount for part in parts)
    left = outgoing.cancel(order_id, units, amount)
    command = CancelLines(
        lines=tuple([UnitsToCancel(line_id=line, quantity=quantity) for line, quantity in units.items()]),
        reason=invoice,
    )
    return Draft(
        f"{order_id}-cancel-{invoice}", order_id, at, command, order_id,
        lines=len(parts), units=units.total(), amount=amount, leaves="" if left else "cancelled",
    )  # fmt: skip


def _purchase(row: Row, purchases: Purchases) -> Purchase | str:
    if row.quantity >= 0:
        return "not-negative-in-cancellation"
    if row.customer is None:
        return "cancelled-without-customer"
    return purchases.latest_with(-row.quantity, row.customer, row.sku, row.price)
