"""What we read of an order of Shopify's Admin API (REST), as its webhooks send it. The rest is ignored.

Older versions and other clients leave fields out, or null: what can be missing has a default.
"""

from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Struct

from app.domain.bounds import LINES_LIMIT, Moment, Quantity
from app.intake.decimals import Decimals

Number = Annotated[int, Meta(ge=0)]


class Money(Struct, frozen=True):
    amount: Decimals
    currency_code: str


class MoneySet(Struct, frozen=True):
    """One amount twice: for the shop's books, and as the customer saw it."""

    presentment_money: Money


class TaxLine(Struct, frozen=True):
    price: Decimals
    rate: Decimal | None = None
    price_set: MoneySet | None = None


class Allocation(Struct, frozen=True):
    """A part of a discount. `discount_application_index` says of which."""

    amount: Decimals
    discount_application_index: Number = 0
    amount_set: MoneySet | None = None


class Application(Struct, frozen=True):
    """A discount: a code, a rule of the shop, or one that a person or a script gave."""

    type: str = ""
    code: str | None = None
    title: str | None = None
    description: str | None = None
    target_selection: str | None = None
    allocation_method: str | None = None


class Duty(Struct, frozen=True):
    """Import duty on a line."""

    id: Number
    shop_money: Money
    presentment_money: Money
    tax_lines: tuple[TaxLine, ...] = ()


class LineItem(Struct, frozen=True):
    id: Number
    quantity: Quantity
    price: Decimals
    price_set: MoneySet | None = None
    current_quantity: Number | None = None
    sku: str | None = None
    variant_id: Number | None = None
    product_id: Number | None = None
    name: str | None = None
    title: str | None = None
    taxable: bool = True
    gift_card: bool = False
    total_discount: Decimals = "0"
    total_discount_set: MoneySet | None = None
    discount_allocations: tuple[Allocation, ...] = ()
    tax_lines: tuple[TaxLine, ...] = ()
    duties: tuple[Duty, ...] = ()


class Shipping(Struct, frozen=True):
    price: Decimals
    id: Number | None = None
    title: str | None = None
    price_set: MoneySet | None = None
    discounted_price: Decimals | None = None
    discounted_price_set: MoneySet | None = None
    discount_allocations: tuple[Allocation, ...] = ()
    tax_lines: tuple[TaxLine, ...] = ()
    is_removed: bool = False


class Place(Struct, frozen=True):
    """An address."""

    name: str | None = None
    company: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    province_code: str | None = None
    province: str | None = None
    zip: str | None = None
    country_code: str | None = None
    country: str | None = None


class Customer(Struct, frozen=True):
    id: Number | None = None


class State(Struct, frozen=True):
    """What became of an order so far."""

    test: bool = False
    cancelled_at: str | None = None
    financial_status: str | None = None
    fulfillment_status: str | None = None
    refunds: tuple[object, ...] = ()


class Order(Struct, frozen=True):
    id: Number
    created_at: Moment
    currency: str
    total_price: Decimals
    total_tax: Decimals
    total_discounts: Decimals
    total_line_items_price: Decimals
    line_items: Annotated[tuple[LineItem, ...], Meta(max_length=10 * LINES_LIMIT)]
    processed_at: Moment | None = None
    presentment_currency: str | None = None
    total_price_set: MoneySet | None = None
    total_tax_set: MoneySet | None = None
    total_discounts_set: MoneySet | None = None
    total_line_items_price_set: MoneySet | None = None
    total_tip_received: Decimals = "0"
    taxes_included: bool = False
    tax_lines: tuple[TaxLine, ...] = ()
    discount_applications: tuple[Application, ...] = ()
    shipping_lines: tuple[Shipping, ...] = ()
    customer: Customer | None = None
    billing_address: Place | None = None
    shipping_address: Place | None = None
