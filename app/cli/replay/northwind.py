"""Northwind: 830 orders of a fictional company, with discounts, freight, stock and shipments.

A line's discount is a fraction of price x quantity, rounded half to even to a cent, for each line by itself;
the freight is a shipping line. Dates have no time of day: all is at midnight UTC.

Each line is reserved when its order is placed, and waits where the shelf (supply.py) does not have it. Customers
order on account: then the house account holds the total, the order is taken on, and the account pays when it leaves.
An order leaves on its ShippedDate, once all that was asked of its products has been settled; orders without that
date stay open. The day by which it was required is a note of the order.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.cli.replay.exact import minor_units, price, ratio
from app.cli.replay.source import Draft, Item, Size, table
from app.cli.replay.supply import Shelf
from app.domain.money import half_even
from app.domain.order.amounts import priced
from app.domain.order.commands import (
    AddNote,
    Address,
    ConfirmOrder,
    Line,
    LineDiscount,
    PlaceOrder,
    ShipOrder,
    ShippingLine,
    Totals,
    Units,
)
from app.domain.payment.commands import AuthorizePayment, CapturePayment
from app.domain.stock.commands import ReserveStock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ORDERS = (
    "OrderID", "CustomerID", "EmployeeID", "OrderDate", "RequiredDate", "ShippedDate", "ShipVia", "Freight",
    "ShipName", "ShipAddress", "ShipCity", "ShipRegion", "ShipPostalCode", "ShipCountry",
)  # fmt: skip
DETAILS = ("OrderID", "ProductID", "UnitPrice", "Quantity", "Discount")
PRODUCTS = (
    "ProductID", "ProductName", "SupplierID", "CategoryID", "QuantityPerUnit", "UnitPrice", "UnitsInStock",
)  # fmt: skip
WAREHOUSE = "northwind"
ACCOUNT = "account"


def read(folder: Path) -> Iterator[Item]:
    """Yield what happened by date."""
    products = list(table(folder / "products.csv", PRODUCTS))
    names = {row[0]: row[1] for row in products}
    shippers = {row[0]: row[1] for row in table(folder / "shippers.csv", ("ShipperID", "CompanyName"))}
    lines: dict[str, list[Line]] = defaultdict(list)
    for order, product, unit_price, quantity, discount in table(folder / "order_details.csv", DETAILS):
        lines[order].append(_line(product, names[product], unit_price, int(quantity), discount))
    rows = sorted(table(folder / "orders.csv", ORDERS), key=lambda row: (row[3], row[0]))
    yield Size(documents=len(rows), lines=sum(len(of_order) for of_order in lines.values()))
    shelves = {row[0]: Shelf(f"{row[0]}@{WAREHOUSE}", int(row[6])) for row in products}
    days = [(row[3], 0, row) for row in rows] + [(row[5], 1, row) for row in rows if row[5]]
    days.sort(key=lambda day: day[:2])  # stable; on a day, orders are placed before others leave
    for shelf in shelves.values():
        yield from shelf.opened(_midnight(days[0][0]))
    placed: dict[str, PlaceOrder] = {}
    for day, leaves, row in days:
        order_id = f"northwind-{row[0]}"
        if leaves:
            yield from _leaving(order_id, placed.pop(order_id), shelves, _midnight(day), row)
        else:
            placed[order_id] = _order(row, tuple(lines[row[0]]), shippers)
            yield from _placing(order_id, placed[order_id], shelves, row)
    for shelf in shelves.values():
        yield from shelf.filled(_midnight(days[-1][0]))


def _placing(order_id: str, order: PlaceOrder, shelves: dict[str, Shelf], row: list[str]) -> Iterator[Draft]:
    at, total = order.placed_at, order.totals.total
    units = sum(line.quantity for line in order.lines)
    yield Draft(
        f"{order_id}-place", order_id, at, order, order_id,
        lines=len(order.lines), units=units, amount=total, leaves="placed",
    )  # fmt: skip
    required = AddNote(note_id="required", text=row[4])
    yield Draft(f"{order_id}-required", order_id, at, required, order_id)
    for line in order.lines:
        shelf = shelves[line.sku]
        reserve = ReserveStock(
            order_id=order_id, line_id=line.line_id, quantity=line.quantity, placed_at=at, backorder=True
        )
        waits = shelf.promise(order_id, line.quantity)
        yield Draft(
            f"{order_id}-reserve-{line.line_id}", shelf.item_id, at, reserve, order_id,
            notable=("lines that wait for stock",) if waits else (),
        )  # fmt: skip
    authorize = AuthorizePayment(payment_id=ACCOUNT, amount=total, provider="house", method="on account")
    items = tuple([shelves[line.sku].item_id for line in order.lines])
    yield Draft(f"{order_id}-authorize", order_id, at, authorize, order_id, after=items)
    yield Draft(f"{order_id}-confirm", order_id, at, ConfirmOrder(at=at), order_id, leaves="confirmed")


def _leaving(
    order_id: str, order: PlaceOrder, shelves: dict[str, Shelf], at: datetime, row: list[str]
) -> Iterator[Draft]:
    """Let goods come in that are missing, and the order leave when they are its own."""
    for line in order.lines:
        yield from shelves[line.sku].fetched(order_id, at)
    total = order.totals.total
    ship = ShipOrder(
        shipment_id="parcel",
        lines=tuple([Units(line_id=line.line_id, quantity=line.quantity) for line in order.lines]),
        carrier=order.shipping[0].name,
        at=at,
    )
    yield Draft(
        f"{order_id}-ship", order_id, at, ship, order_id,
        units=sum(line.quantity for line in order.lines), leaves="shipped",
        notable=("orders shipped late",) if row[5] > row[4] else (),
        after=(order_id, *[shelves[line.sku].item_id for line in order.lines]),
    )  # fmt: skip
    capture = CapturePayment(capture_id="invoice", payment_id=ACCOUNT, amount=total, at=at)
    yield Draft(f"{order_id}-capture", order_id, at, capture, order_id, amount=total)


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


def _order(row: list[str], lines: tuple[Line, ...], shippers: dict[str, str]) -> PlaceOrder:
    _, customer, _, day, _, _, ship_via, freight, name, street, city, region, code, country = row
    charge = ShippingLine(
        line_id="freight", name=shippers[ship_via], amount=minor_units(freight), total=0
    )  # `priced` computes the total
    return priced(
        PlaceOrder(
            customer_id=customer,
            placed_at=_midnight(day),
            currency="USD",
            shipping_address=Address(
                name=name, lines=(street,), city=city, region=region, postal_code=code, country=country
            ),
            lines=lines,
            shipping=(charge,),
            totals=Totals(goods=0, total=0),
        )
    )


def _midnight(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)
