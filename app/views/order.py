"""What a reader gets of one order: its facts, what became of them, and three statuses that follow.

Rows leave defaults out; an answer has every member, so that its reader needs no table of defaults.
"""

from datetime import datetime

import msgspec
from msgspec import Struct

from app.domain.money import Rounding, of_units
from app.domain.order.commands import Address, Checkout, Line, LineDiscount, ShippingLine, TaxMode, Totals
from app.domain.order.owed import owed
from app.domain.order.state import LineUnits, Order
from app.domain.order.statuses import (
    FulfilmentStatus,
    OrderStatus,
    PaymentStatus,
    fulfilment_status,
    is_held,
    order_status,
    payment_status,
)
from app.domain.payment.goods import taken
from app.views.order_fulfilment import (
    AmendmentAnswer,
    Hold,
    Note,
    ReturnAnswer,
    ShipmentAnswer,
    amendments,
    holds,
    notes,
    returns,
    shipments,
)
from app.views.order_payments import PaymentsAnswer, payments_answer


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
    """A line as ordered, and what became of its units.

    `reserved` counts the units that left, `advised` those that came back. `granted_amount` is what of the line was
    promised back or refunded.
    """

    line_discounts: tuple[WholeDiscount, ...] = ()
    cancelled: int = 0
    cancelled_amount: int = 0
    reserved: int = 0
    backordered: int = 0
    shipped: int = 0
    delivered: int = 0
    advised: int = 0
    sellable: int = 0
    damaged: int = 0
    granted_amount: int = 0


class WholeShippingLine(ShippingLine, frozen=True, kw_only=True, gc=False, omit_defaults=False):
    pass


class WholeCheckout(Checkout, frozen=True, kw_only=True, gc=False, omit_defaults=False):
    pass


class WholeTotals(Totals, frozen=True, kw_only=True, gc=False, omit_defaults=False):
    pass


class OrderAnswer(Struct, frozen=True, kw_only=True, gc=False):
    """`remaining` is what the order still comes to: `totals.total` - `cancelled_amount`."""

    order_id: str
    version: int
    status: Statuses
    held: bool
    holds: tuple[Hold, ...]
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
    payments: PaymentsAnswer
    shipments: tuple[ShipmentAnswer, ...]
    returns: tuple[ReturnAnswer, ...]
    amendments: tuple[AmendmentAnswer, ...]
    notes: tuple[Note, ...]
    prices_include_tax: bool
    tax_mode: TaxMode
    rounding: Rounding
    billing_address: WholeAddress | None
    shipping_address: WholeAddress | None
    checkout: WholeCheckout | None
    origin: str
    replaces: str | None


def order_answer(order: Order) -> OrderAnswer:
    """Return the answer; `version` is its strong ETag, the same on every worker and after a rebuild."""
    facts = msgspec.structs.asdict(order.facts)
    return msgspec.convert(
        facts
        | {
            "order_id": order.order_id,
            "version": order.version,
            "status": Statuses(
                order=order_status(order),
                payment=payment_status(order),
                fulfilment=fulfilment_status(order),
            ),
            "held": is_held(order),
            "holds": holds(order),
            "lines": _lines(order),
            "cancelled_amount": order.cancelled_amount,
            "remaining": order.facts.totals.total - order.cancelled_amount,
            "payments": payments_answer(owed(order), order.payments),
            "shipments": shipments(order),
            "returns": returns(order),
            "amendments": amendments(order),
            "notes": notes(order),
        },
        OrderAnswer,
        from_attributes=True,
    )


def _lines(order: Order) -> tuple[WholeLine, ...]:
    granted = taken(order.payments)
    return tuple(
        [
            _line(line, cancelled, units, granted.line(line.line_id).amount)
            for line, cancelled, units in zip(
                order.facts.lines, order.all_cancelled, order.all_units, strict=True
            )
        ]
    )


def _line(line: Line, cancelled: int, units: LineUnits, granted: int) -> WholeLine:
    return msgspec.convert(
        msgspec.structs.asdict(line)
        | {
            "cancelled": cancelled,
            "cancelled_amount": of_units(line.line_total, line.quantity, 0, cancelled),
            "reserved": units.reserved,
            "backordered": units.backordered,
            "shipped": units.shipped,
            "delivered": units.delivered,
            "advised": units.advised,
            "sellable": units.sellable,
            "damaged": units.damaged,
            "granted_amount": granted,
        },
        WholeLine,
        from_attributes=True,
    )
