"""Placing an order. Everything that was true of it at that moment comes with it."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from app.domain.bounds import (
    Amount,
    Currency,
    Exponent,
    Id,
    Millionths,
    Moment,
    Precision,
    Quantity,
    RateBp,
    Text,
)
from app.domain.money import Rounding
from app.domain.order.commands.checkout import Checkout

TaxMode = Literal["line", "unit"]


class Address(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Where a person or a parcel is. `country` is ISO 3166-1 alpha-2 where the shop knows it."""

    name: Text = ""
    lines: tuple[Text, ...] = ()
    city: Text = ""
    region: Text = ""
    postal_code: Text = ""
    country: Text = ""


class LineDiscount(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A price reduction of one line."""

    id: Id
    reason: Text = ""
    amount: Amount


class Line(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Goods of one kind at one price.

    `unit_price` has `unit_price_precision` more decimal digits than the currency: 0.4 cents are 4 with
    precision 1. `order_discount_share` is this line's part of a discount on the whole order.
    `tax_rate_micro_bp` are millionths of a basis point more: 8.875 % is 887 and 500,000.
    `tax` and `line_total` follow from the rest (see amounts.py); `line_total` always includes the tax.
    """

    line_id: Id
    sku: Id
    name: Text = ""
    tax_category: Text = ""
    quantity: Quantity
    unit_price: Amount
    unit_price_precision: Precision = 0
    list_price: Amount | None = None
    line_discounts: tuple[LineDiscount, ...] = ()
    order_discount_share: Amount = 0
    tax_rate_bp: RateBp = 0
    tax_rate_micro_bp: Millionths = 0
    tax: Amount = 0
    line_total: Amount


class ShippingLine(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A delivery charge. `total` = `amount` - `discount`, with the tax that it bears."""

    line_id: Id
    name: Text = ""
    amount: Amount
    discount: Amount = 0
    tax_rate_bp: RateBp = 0
    tax_rate_micro_bp: Millionths = 0
    tax: Amount = 0
    total: Amount


class Totals(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Sums over the order: goods before discounts, their discounts, shipping after its own, tax, all."""

    goods: Amount
    discounts: Amount = 0
    shipping: Amount = 0
    tax: Amount = 0
    total: Amount


class PlaceOrder(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Place an order, with everything that was true of it at that moment. A guest has no `customer_id`.

    With a `checkout`, stock, payment and confirmation follow by themselves (app.domain.processes).
    """

    cart_id: Id | None = None
    customer_id: Id | None = None
    placed_at: Moment
    zone: Id = "UTC"
    currency: Currency
    exponent: Exponent = 2
    prices_include_tax: bool = False
    tax_mode: TaxMode = "line"
    rounding: Rounding = "half_even"
    billing_address: Address | None = None
    shipping_address: Address | None = None
    origin: Id = "shop"
    replaces: Id | None = None
    lines: Annotated[tuple[Line, ...], Meta(min_length=1)]
    shipping: tuple[ShippingLine, ...] = ()
    totals: Totals
    checkout: Checkout | None = None
