"""Olist: the whole lives of orders of a Brazilian marketplace, in the order of their real timestamps.

One line an item, whose freight is a shipping line of the same number. The customer is the person
(`customer_unique_id`): Olist gives each order a customer id of its own. An order without items is unused, with its
state in the reason. What the timestamps of an order say:

- purchase: it is placed.
- approval: each row of its payments is authorised and captured, a payment of its own, and the order is confirmed.
- carrier: it is shipped. Sellers send their own goods, of which no stock is kept: that is the reason with which it
  leaves unreserved, and, where the carrier was faster than the approval, unconfirmed.
- customer: it is delivered.
- the last of these, where its state is `canceled` or `unavailable`: it is cancelled. Money that was captured goes
  back, and so does what was paid beyond the order's total. A parcel that has left is not cancelled any more.

`created`, `approved`, `invoiced`, `processing` and `shipped` are as far as their timestamps go, and stay open.

What comes before that without which it cannot be (a parcel of an order that nobody placed) is sent in its time and
refused, and sent again as soon as it can be, as a carrier would.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from app.cli.replay.merge import merged
from app.cli.replay.olist_order import History, lived
from app.cli.replay.source import Item, Size, Unused, table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ORDERS = (
    "order_id", "customer_id", "order_status", "order_purchase_timestamp", "order_approved_at",
    "order_delivered_carrier_date", "order_delivered_customer_date", "order_estimated_delivery_date",
)  # fmt: skip
ITEMS = (
    "order_id", "order_item_id", "product_id", "seller_id", "shipping_limit_date", "price", "freight_value",
)  # fmt: skip
PAYMENTS = ("order_id", "payment_sequential", "payment_type", "payment_installments", "payment_value")


def read(folder: Path) -> Iterator[Item]:
    """Yield what happened, by time over all orders. Held are the rows of the files, and commands of open orders."""
    persons = {
        row[0]: row[1] for row in table(folder / _name("customers"), ("customer_id", "customer_unique_id"))
    }
    items: dict[str, list[list[str]]] = defaultdict(list)
    for item in table(folder / _name("order_items"), ITEMS):
        items[item[0]].append(item)
    payments: dict[str, list[list[str]]] = defaultdict(list)
    for payment in table(folder / _name("order_payments"), PAYMENTS):
        payments[payment[0]].append(payment)
    orders = list(table(folder / _name("orders"), ORDERS))
    yield Size(documents=len(orders), lines=sum(len(of_order) for of_order in items.values()))
    names = _categories(folder)
    histories = []
    for order, customer, state, *times in orders:
        if order in items:
            histories.append(
                History(order, persons[customer], state, times, items.pop(order), payments.pop(order, []))
            )
        else:
            yield Unused(f"without-items-{state}", order, lines=0)
    histories.sort(key=lambda history: history.begins)
    for drafts in merged((history.begins, lived(history, names)) for history in histories):
        yield from drafts


def _categories(folder: Path) -> dict[str, str]:
    """Return the English category of each product: the data set gives products no names."""
    english = {
        row[0]: row[1]
        for row in table(
            folder / "product_category_name_translation.csv",
            ("product_category_name", "product_category_name_english"),
        )
    }
    products = table(folder / _name("products"), ("product_id", "product_category_name"))
    return {row[0]: english.get(row[1], row[1]) for row in products}


def _name(of: str) -> str:
    return f"olist_{of}_dataset.csv"
