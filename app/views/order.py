"""What a reader gets of one order: its facts, what was cancelled of them, and three statuses that follow.

Rows leave defaults out; an answer has every member, so that its reader needs no table of defaults.
"""

from datetime import datetime

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from app.domain.money import Rounding, of_units
from app.domain.order.commands import Address, Line, LineDiscount, ShippingLine, TaxMode, Totals
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


class WholeAddress(Address, frozen=True, kw_only=True, gc=False, omit_defaults=False):
    pass


class WholeDiscount(LineDiscount, frozen=True, kw_only=True, gc=False, omit_defaults=False):
    pass


class WholeLine(Line, frozen=True, kw_only=True, gc=False, omit_defaults=False):
    """A line as placed, with the units cancelled since and what they were worth."""

    line_discounts: tuple[WholeDiscount, ...] = ()
    cancelled: int = 0
    cancelled_amount: int = 0


class WholeShippingLine(ShippingLine, frozen=True, kw_only=True, gc=False, omit_defaults=False):
    pass


class WholeTotals(Totals, frozen=True, kw_only=True, gc=False, omit_defaults=False):
    pass


class OrderAnswer(Struct, frozen=True, kw_only=True, gc=False):
    """`remaining` is what the order still comes to: `totals.total` - `cancelled_amount`."""

    order_id: str
    version: int
    status: Statuses
    customer_id: str | None
    cart_id: str | None
    placed_at: datetime
    zone: str
    currency: str
    exponent: int
    lines: tuple[WholeLine, ...]
    shipping: tuple[WholeShippingLine, ...]
    totals: WholeTotals
    cancelled_amount: int
    remaining: int
    prices_include_tax: bool
    tax_mode: TaxMode
    rounding: Rounding
    billing_address: WholeAddress | None
    shipping_address: WholeAddress | None
    origin: str
    replaces: str | None


def order_answer(order: Order) -> OrderAnswer:
    """Return the answer; `version` is its strong ETag, the same on every worker and after a rebuild."""
    facts = msgspec.structs.asdict(order.facts)
    answer = msgspec.convert(
        facts
        | {
            "order_id": order.order_id,
            "version": order.version,
            "status": Statuses(
                order=order_status(order),
                payment=payment_status(order),
                fulfilment=fulfilment_status(order),
            ),
            "cancelled_amount": order.cancelled_amount,
            "remaining": order.facts.totals.total - order.cancelled_amount,
        },
        OrderAnswer,
        from_attributes=True,
    )
    if not order.cancelled:
        return answer
    lines = [_cancelled(line, units) for line, units in zip(answer.lines, order.cancelled, strict=True)]
    return replace(answer, lines=tuple(lines))


def _cancelled(line: WholeLine, units: int) -> WholeLine:
    worth = of_units(line.line_total, line.quantity, 0, units)
    return replace(line, cancelled=units, cancelled_amount=worth)
