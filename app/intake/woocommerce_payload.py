"""What we read of an order of WooCommerce's REST API (wc/v3), as its webhooks send it. The rest is ignored."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Struct

from app.domain.bounds import LINES_LIMIT, Quantity
from app.intake.decimals import Decimals

Number = Annotated[int, Meta(ge=0)]


class LineTax(Struct, frozen=True):
    """A tax of a line by one rate, with more digits than money has; empty where it is none."""

    id: Number
    total: Annotated[str, Meta(pattern=r"\A(-?[0-9]{1,15}(\.[0-9]{1,15})?)?\Z")] = ""


class LineItem(Struct, frozen=True):
    """`subtotal` is before discounts, `total` after; both are without the tax, whatever the prices of the shop are."""

    id: Number
    quantity: Quantity
    subtotal: Decimals
    subtotal_tax: Decimals
    total: Decimals
    total_tax: Decimals
    name: str | None = None
    product_id: Number = 0
    variation_id: Number = 0
    tax_class: str | None = None
    taxes: tuple[LineTax, ...] = ()
    sku: str | None = None


class Charge(Struct, frozen=True):
    """Shipping or a fee. A fee below zero is a discount."""

    id: Number
    total: Decimals
    total_tax: Decimals
    name: str | None = None
    method_title: str | None = None
    taxes: tuple[LineTax, ...] = ()


class TaxRate(Struct, frozen=True):
    """A rate of the shop, in percent where its version tells it."""

    rate_id: Number
    rate_percent: Decimal | None = None
    compound: bool = False


class Coupon(Struct, frozen=True):
    code: str = ""


class Place(Struct, frozen=True):
    """An address."""

    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    address_1: str | None = None
    address_2: str | None = None
    city: str | None = None
    state: str | None = None
    postcode: str | None = None
    country: str | None = None


class State(Struct, frozen=True):
    """What became of an order so far."""

    status: str
    refunds: tuple[object, ...] = ()


class Order(Struct, frozen=True):
    id: Number
    currency: str
    date_created_gmt: Annotated[datetime, Meta(tz=False)]
    total: Decimals
    total_tax: Decimals
    discount_total: Decimals
    discount_tax: Decimals
    shipping_total: Decimals
    cart_tax: Decimals
    shipping_tax: Decimals
    line_items: Annotated[tuple[LineItem, ...], Meta(max_length=10 * LINES_LIMIT)]
    prices_include_tax: bool = False
    customer_id: Number = 0
    billing: Place | None = None
    shipping: Place | None = None
    tax_lines: tuple[TaxRate, ...] = ()
    shipping_lines: tuple[Charge, ...] = ()
    fee_lines: tuple[Charge, ...] = ()
    coupon_lines: tuple[Coupon, ...] = ()
