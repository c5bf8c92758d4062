"""Northwind: 830 orders of a fictional company, with discounts and freight.

A line's discount is a fraction of price x quantity, rounded half to even to a cent, for each line by itself;
the freight is a shipping line. Dates have no time of day: an order is placed at midnight UTC.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.cli.replay.exact import minor_units, price, ratio
from app.cli.replay.source import Draft, Item, Size, table
from app.domain.money import half_even
from app.domain.order.amounts import priced
from app.domain.order.commands import Address, Line, LineDiscount, PlaceOrder, ShippingLine, Totals

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ORDERS = (
    "OrderID", "CustomerID", "EmployeeID", "OrderDate", "RequiredDate", "ShippedDate", "ShipVia", "Freight",
    "ShipName", "ShipAddress", "ShipCity", "ShipRegion", "ShipPostalCode", "ShipCountry",
)  # fmt: skip
DETAILS = ("OrderID", "ProductID", "UnitPrice", "Quantity", "Discount")


def read(folder: Path) -> Iterator[Item]:
    """Yield the orders of a folder of csv files, in their order there, which is by date."""
    products = {row[0]: row[1] for row in table(folder / "products.csv", ("ProductID", "ProductName"))}
    shippers = {row[0]: row[1] for row in table(folder / "shippers.csv", ("ShipperID", "CompanyName"))}
    lines: dict[str, list[Line]] = defaultdict(list)
    for order, product, unit_price, quantity, discount in table(folder / "order_details.csv", DETAILS):
        lines[order].append(_line(product, products[product], unit_price, int(quantity), discount))
    orders = list(table(folder / "orders.csv", ORDERS))
    yield Size(documents=len(orders), lines=sum(len(of_order) for of_order in lines.values()))
    for row in orders:
        yield _place(row, tuple(lines[row[0]]), shippers)


def _line(product: str, name: str, unit_price: str, quantity: int, discount: str) -> Line:
    exact = price(unit_price)
    part, whole = ratio(discount)
    off = half_even(exact.amount * quantity * part, whole * 10**exact.precision)
    return Line(
        line_id=product,  # an order has a product once
        sku=product,
        name=name,
        quantity=quantity,
        unit_price=exact.amount,
        unit_price_precision=exact.precision,
        line_discounts=(LineDiscount(id="discount", reason=discount, amount=off),) if off else (),
        line_total=0,  # `priced` computes it
    )


def _place(row: list[str], lines: tuple[Line, ...], shippers: dict[str, str]) -> Draft:
    number, customer, _, day, _, _, ship_via, freight, name, street, city, region, code, country = row
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    charge = ShippingLine(
        line_id="freight", name=shippers[ship_via], amount=minor_units(freight), total=0
    )  # `priced` computes the total
    order = priced(
        PlaceOrder(
            customer_id=customer,
            placed_at=at,
            currency="USD",
            shipping_address=Address(
                name=name, lines=(street,), city=city, region=region, postal_code=code, country=country
            ),
            lines=lines,
            shipping=(charge,),
            totals=Totals(goods=0, total=0),
        )
    )
    order_id, units = f"northwind-{number}", sum(line.quantity for line in lines)
    return Draft(f"{order_id}-place", order_id, at, order, len(lines), units, order.totals.total)
