"""What a reader gets of one order: its facts, what was cancelled of them, and three statuses that follow."""

from datetime import datetime

from msgspec import Struct

from app.domain.money import Rounding, of_units
from app.domain.order.commands import Address, Line, LineDiscount, PlaceOrder, ShippingLine, TaxMode, Totals
from app.domain.order.state import Order
from app.domain.order.statuses import (
    FulfilmentStatus,
    OrderStatus,
    PaymentStatus,
    fulfilment_status,
    order_status,
    payment_status,
)


class Statuses(Struct, frozen=True, kw_only=True, gc=False):
    """They answer different questions, so that none has to be squeezed into another."""

    order: OrderStatus
    payment: PaymentStatus
    fulfilment: FulfilmentStatus


class LineAnswer(Struct, frozen=True, kw_only=True, gc=False):
    """A line as placed, with the units cancelled since and what they were worth."""

    line_id: str
    sku: str
    name: str
    tax_category: str
    quantity: int
    unit_price: int
    unit_price_precision: int
    list_price: int | None
    line_discounts: tuple[LineDiscount, ...]
    order_discount_share: int
    tax_rate_bp: int
    tax: int
    line_total: int
    cancelled: int
    cancelled_amount: int


class OrderAnswer(Struct, frozen=True, kw_only=True, gc=False):
    """`remaining` is what the order still comes to: `totals.total` - `cancelled_amount`."""

    order_id: str
    version: int
    status: Statuses
    cart_id: str | None
    customer_id: str | None
    placed_at: datetime
    zone: str
    currency: str
    exponent: int
    prices_include_tax: bool
    tax_mode: TaxMode
    rounding: Rounding
    billing_address: Address | None
    shipping_address: Address | None
    origin: str
    replaces: str | None
    lines: tuple[LineAnswer, ...]
    shipping: tuple[ShippingLine, ...]
    totals: Totals
    cancelled_amount: int
    remaining: int


_FACTS = tuple(set(PlaceOrder.__struct_fields__) - {"lines"})
_LINE = Line.__struct_fields__


def order_answer(order: Order) -> OrderAnswer:
    """Return the answer; `version` is its strong ETag, the same on every worker and after a rebuild."""
    facts = order.facts
    cancelled = order.cancelled or (0,) * len(facts.lines)
    return OrderAnswer(
        order_id=order.order_id,
        version=order.version,
        status=Statuses(
            order=order_status(order),
            payment=payment_status(order),
            fulfilment=fulfilment_status(order),
        ),
        lines=tuple([_line(line, units) for line, units in zip(facts.lines, cancelled, strict=True)]),
        cancelled_amount=order.cancelled_amount,
        remaining=facts.totals.total - order.cancelled_amount,
        **{name: getattr(facts, name) for name in _FACTS},
    )


def _line(line: Line, cancelled: int) -> LineAnswer:
    return LineAnswer(
        cancelled=cancelled,
        cancelled_amount=of_units(line.line_total, line.quantity, 0, cancelled),
        **{name: getattr(line, name) for name in _LINE},
    )
