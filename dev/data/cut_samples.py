"""Cut the shipped samples out of the full data sets: `python -m dev.data.cut_samples FOLDER_OF_DATA_SETS`.

Each sample holds whole invoices or orders, in the order of the full file, with every kind of dirt in it. The
same input gives the same bytes.
"""

from __future__ import annotations

import csv
import gzip
import io
import lzma
import sys
from collections import defaultdict
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TextIO

OPEN: dict[str, Callable[..., TextIO]] = {".gz": gzip.open, ".xz": lzma.open}
HERE = Path(__file__).parent
# Sub-penny prices, bad debt, 1,114 lines, and an invoice with another in its midst.
INVOICES = {"550193", "561226", "568200", "568375", "A563185", "A563186", "A563187", "573585", "542806"}
ONE_IN, REMAINDER = 80, 14
OLIST_ITEMS = 5  # orders with at least so many items are taken, whatever their state
OLIST_PAYMENTS = 3  # and orders that were paid in at least so many parts


def online_retail(row: list[str]) -> bool:
    """Take what a customer bought and sent back, or a guest's invoice, when its number has the remainder."""
    invoice, customer = row[0], row[6].removesuffix(".0")
    return invoice in INVOICES or int(customer or invoice.lstrip("AC")) % ONE_IN == REMAINDER


def _rows(path: Path) -> Iterator[list[str]]:
    with OPEN[path.suffix](path, "rt", encoding="utf-8", newline="") as text:
        yield from csv.reader(text)


def _text(rows: Iterable[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _chosen(path: Path, take: Callable[[list[str]], bool]) -> list[list[str]]:
    header, *rows = _rows(path)
    return [header, *filter(take, rows)]


def _cut_online_retail(full: Path, folder: Path) -> None:
    rows = _chosen(full / "online_retail.csv.xz", online_retail)
    (folder / "online_retail.csv.xz").write_bytes(lzma.compress(_text(rows), preset=9))


def _cut_olist(full: Path, folder: Path) -> None:
    items, payments = full / "olist_order_items_dataset.csv.gz", full / "olist_order_payments_dataset.csv.gz"
    chosen = {row[0] for row in _rows(items) if row[1] == str(OLIST_ITEMS)}
    chosen |= {row[0] for row in _rows(payments) if row[1] == str(OLIST_PAYMENTS)}
    chosen |= _paid_otherwise(items, payments)
    orders = _chosen(
        full / "olist_orders_dataset.csv.gz",
        lambda row: row[2] != "delivered" or row[0] in chosen or row[3:7] != sorted(row[3:7]),
    )
    ids, customers = {row[0] for row in orders}, {row[1] for row in orders}
    of_orders = _chosen(items, lambda row: row[0] in ids)
    products = {row[2] for row in of_orders}
    tables = {
        "orders": orders,
        "order_items": of_orders,
        "order_payments": _chosen(payments, lambda row: row[0] in ids),
        "customers": _chosen(full / "olist_customers_dataset.csv.gz", lambda row: row[0] in customers),
        "products": _chosen(full / "olist_products_dataset.csv.gz", lambda row: row[0] in products),
    }
    for name, rows in tables.items():
        (folder / f"olist_{name}_dataset.csv").write_bytes(_text(rows))
    english = "product_category_name_translation.csv"
    (folder / english).write_bytes((full / english).read_bytes())


def _paid_otherwise(items: Path, payments: Path) -> set[str]:
    """Return the orders whose payments are not the sum of their items and freight."""
    open_: dict[str, Decimal] = defaultdict(Decimal)
    for order, *_, price, freight in islice(_rows(items), 1, None):
        open_[order] += Decimal(price) + Decimal(freight)
    for order, *_, value in islice(_rows(payments), 1, None):
        if order in open_:
            open_[order] -= Decimal(value)
    return {order for order, amount in open_.items() if amount}


def main() -> None:
    """Cut both."""
    full = Path(sys.argv[1])
    _cut_online_retail(full / "online-retail", HERE / "online-retail-sample")
    _cut_olist(full / "olist", HERE / "olist-sample")


if __name__ == "__main__":
    main()
