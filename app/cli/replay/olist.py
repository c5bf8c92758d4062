"""Olist: orders of a Brazilian marketplace, as far as they can be placed and cancelled.

One line an item, whose freight is a shipping line of the same number. The customer is the person
(`customer_unique_id`): Olist gives each order a customer id of its own. An order in state `canceled` is
placed and then cancelled as a whole, at the last time that its row knows. An order without items is unused,
with its state in the reason.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from app.cli.replay.exact import minor_units
from app.cli.replay.source import Draft, Item, Size, Unused, table
from app.domain.order.amounts import priced
from app.domain.order.commands import CancelOrder, Line, PlaceOrder, ShippingLine, Totals

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ORDERS = (
    "order_id", "customer_id", "order_status", "order_purchase_timestamp", "order_approved_at",
    "order_delivered_carrier_date", "order_delivered_customer_date",
)  # fmt: skip
ITEMS = (
    "order_id", "order_item_id", "product_id", "seller_id", "shipping_limit_date", "price", "freight_value",
)  # fmt: skip
SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def read(folder: Path) -> Iterator[Item]:
    """Yield the orders of a folder of csv files by time, cancellations between them."""
    persons = {
        row[0]: row[1] for row in table(folder / _name("customers"), ("customer_id", "customer_unique_id"))
    }
    items: dict[str, list[list[str]]] = defaultdict(list)
    for item in table(folder / _name("order_items"), ITEMS):
        items[item[0]].append(item)
    orders = list(table(folder / _name("orders"), ORDERS))
    yield Size(documents=len(orders), lines=sum(len(of_order) for of_order in items.values()))
    drafts = []
    categories = _categories(folder)
    for order, customer, state, *times in orders:
        if order not in items:
            yield Unused(f"without-items-{state}", order, lines=0)
            continue
        placed = _place(order, persons[customer], times[0], items[order], categories)
        drafts.append(placed)
        if state == "canceled":
            drafts.append(_cancel(placed, max(times[:4])))
    yield from sorted(drafts, key=lambda draft: draft.at)  # stable: placed before cancelled


def _place(order: str, person: str, time: str, items: list[list[str]], categories: dict[str, str]) -> Draft:
    at = _time(time)
    lines, charges = [], []
    for _, number, product, _, _, price, freight in items:
        lines.append(
            Line(
                line_id=number,
                sku=product,
                name=categories.get(product, ""),
                quantity=1,
                unit_price=minor_units(price),
                line_total=0,  # `priced` computes it
            )
        )
        charges.append(ShippingLine(line_id=number, amount=minor_units(freight), total=0))
    command = priced(
        PlaceOrder(
            customer_id=person,
            placed_at=at,
            zone=SAO_PAULO.key,
            currency="BRL",
            lines=tuple(lines),
            shipping=tuple(charges),
            totals=Totals(goods=0, total=0),
        )
    )
    order_id = f"olist-{order}"
    return Draft(f"{order_id}-place", order_id, at, command, len(lines), len(lines), command.totals.total)


def _cancel(placed: Draft, time: str) -> Draft:
    """Cancel what was placed. Its lines are counted where they were placed."""
    command_id = f"{placed.order_id}-cancel"
    command = CancelOrder(reason="canceled")
    return Draft(command_id, placed.order_id, _time(time), command, 0, placed.units, placed.amount)


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


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SAO_PAULO)
