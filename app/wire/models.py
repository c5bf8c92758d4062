"""The data of commands and events as the published contract states it: strict pydantic models.

They say the same as the Structs of `app.domain.order`, which decide on the hot path: a test feeds both the
same documents and compares. These can name every fault at once and print themselves as JSON Schema.
"""

from typing import Annotated, Literal

import msgspec
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from app.domain import bounds
from app.domain.bounds import AMOUNT_LIMIT, ID_LENGTH, RATE_LIMIT_BP, TEXT_LENGTH
from app.domain.order.commands.checkout import PAY_WITHIN_LIMIT_S
from app.wire.ids import fault


def _id(text: str) -> str:
    wrong = fault(text)
    if wrong:
        raise ValueError(wrong)
    return text


def _moment(text: str) -> str:
    try:
        msgspec.convert(text, bounds.Moment)
    except msgspec.ValidationError:
        raise ValueError("must be a time with a zone, as in 2026-01-31T12:00:00Z (RFC 3339)") from None
    return text


def _currency(text: str) -> str:
    if not (text.isascii() and text.isalpha() and text.isupper()):
        raise ValueError("must be three capital letters, as in EUR (ISO 4217)")
    return text


Id = Annotated[str, Field(min_length=1, max_length=ID_LENGTH), AfterValidator(_id)]
Text = Annotated[str, Field(max_length=TEXT_LENGTH)]
Amount = Annotated[int, Field(ge=0, lt=AMOUNT_LIMIT)]
Quantity = Annotated[int, Field(ge=1, lt=AMOUNT_LIMIT)]
RateBp = Annotated[int, Field(ge=0, le=RATE_LIMIT_BP)]
Millionths = Annotated[int, Field(ge=0, lt=10**6)]
Moment = Annotated[str, AfterValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})]
Currency = Annotated[
    str,
    Field(min_length=3, max_length=3),
    AfterValidator(_currency),
    WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$"}),
]


class Model(BaseModel):
    """Nothing is converted: "12" is no integer, neither is 12.0. Members that we do not know are ignored."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", use_attribute_docstrings=True)


class Address(Model):
    """Where a person or a parcel is."""

    name: Text = ""
    lines: list[Text] = []
    city: Text = ""
    region: Text = ""
    postal_code: Text = ""
    country: Text = ""
    """ISO 3166-1 alpha-2 where the shop knows it."""


class LineDiscount(Model):
    """A price reduction of one line."""

    id: Id
    reason: Text = ""
    amount: Amount
    """Minor units."""


class Line(Model):
    """Goods of one kind at one price."""

    line_id: Id
    """Unique in the order."""
    sku: Id
    name: Text = ""
    """As the customer saw it."""
    tax_category: Text = ""
    quantity: Quantity
    unit_price: Amount
    """Minor units, or a fraction of them: see `unit_price_precision`."""
    unit_price_precision: Annotated[int, Field(ge=0, le=6)] = 0
    """Decimal digits of `unit_price` beyond the exponent: 0.4 cents are 4 with precision 1."""
    list_price: Amount | None = None
    """The price before any reduction, for display."""
    line_discounts: list[LineDiscount] = []
    order_discount_share: Amount = 0
    """This line's part of a discount on the whole order, by largest remainder."""
    tax_rate_bp: RateBp = 0
    """Basis points: 19 % is 1900."""
    tax_rate_micro_bp: Millionths = 0
    """Millionths of a basis point on top: 8.875 % is 887 and 500000."""
    tax: Amount = 0
    line_total: Amount
    """unit_price x quantity - discounts, with its tax."""


class ShippingLine(Model):
    """A delivery charge."""

    line_id: Id
    name: Text = ""
    amount: Amount
    discount: Amount = 0
    tax_rate_bp: RateBp = 0
    tax_rate_micro_bp: Millionths = 0
    tax: Amount = 0
    total: Amount
    """amount - discount, with its tax."""


class Totals(Model):
    """Sums over the order, in minor units."""

    goods: Amount
    """Sum of unit_price x quantity."""
    discounts: Amount = 0
    """Sum of line discounts and shares of the order discount."""
    shipping: Amount = 0
    """Sum of shipping amounts less their discounts, as priced (with tax where prices include it)."""
    tax: Amount = 0
    """Sum over lines and shipping."""
    total: Amount
    """Sum of line totals and shipping totals: what the customer owes."""


class Checkout(Model):
    """What the shop asks of the checkout of an order."""

    warehouse: Id
    """Where each line is reserved: of the stock item `sku@warehouse`, an id of at most 128 characters."""
    backorder: bool = False
    """Whether lines may wait for units. If not, the order gets all of its units or none."""
    provider: Id = "house"
    """Who authorises the total."""
    method: Text = ""
    """The provider's name of the means of payment."""
    capture: Literal["manual", "at-confirmation"] = "manual"
    pay_within_s: Annotated[int, Field(ge=1, le=PAY_WITHIN_LIMIT_S)] | None = None
    """Seconds after which an order that is neither paid nor confirmed expires."""


class PlaceOrder(Model):
    """An order with everything that was true of it when it was placed. The order's id is the subject."""

    cart_id: Id | None = None
    customer_id: Id | None = None
    """A guest has none."""
    placed_at: Moment
    zone: Id = "UTC"
    """The shop's time zone, an IANA name: it decides the order's business day."""
    currency: Currency
    """ISO 4217."""
    exponent: Annotated[int, Field(ge=0, le=4)] = 2
    """Decimal digits of the currency's minor unit."""
    prices_include_tax: bool = False
    tax_mode: Literal["line", "unit"] = "line"
    """Whether tax is rounded once for a line or once for each of its units."""
    rounding: Literal["half_even", "half_up"] = "half_even"
    billing_address: Address | None = None
    shipping_address: Address | None = None
    origin: Id = "shop"
    replaces: Id | None = None
    """The order that this one is a reissue of."""
    lines: Annotated[list[Line], Field(min_length=1)]
    """More than 2,000 are refused: `order-too-large`."""
    shipping: list[ShippingLine] = []
    totals: Totals
    checkout: Checkout | None = None
    """What is to happen by itself: reserve, authorise, confirm."""


class UnitsToCancel(Model):
    """How many units of a line to cancel."""

    line_id: Id
    quantity: Quantity


class CancelLines(Model):
    """Cancel some units of some lines."""

    lines: Annotated[list[UnitsToCancel], Field(min_length=1)]
    reason: Text = ""


class CancelOrder(Model):
    """Cancel everything that is left of an order."""

    reason: Text = ""


class UnitsCancelled(Model):
    """Units of one line that will not be delivered, and what they were worth, tax included."""

    line_id: Id
    quantity: Quantity
    amount: Amount


class Cancelled(Model):
    """What was cancelled. `amount` is the sum of the lines' amounts and of `shipping`."""

    lines: list[UnitsCancelled]
    shipping: Amount = 0
    """Shipping goes with the last unit of an order."""
    amount: Amount
    reason: Text = ""
