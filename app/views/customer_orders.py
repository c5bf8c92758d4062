"""A customer's orders, newest first: the row and its key."""

from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from msgspec import Struct

from app.domain.order.state import Order
from app.domain.order.statuses import (
    FulfilmentStatus,
    OrderStatus,
    PaymentStatus,
    fulfilment_status,
    is_held,
    order_status,
    payment_status,
)


class CustomerOrder(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One order in the list of its customer. `total` is as ordered, `cancelled_amount` was taken off since."""

    customer_id: str
    order_id: str
    version: int
    placed_at: datetime
    status: OrderStatus = OrderStatus.PLACED
    payment: PaymentStatus = PaymentStatus.NONE
    fulfilment: FulfilmentStatus = FulfilmentStatus.UNFULFILLED
    held: bool = False
    currency: str
    exponent: int = 2
    lines: int
    total: int
    cancelled_amount: int = 0


encode_row: Final = msgspec.json.Encoder().encode
decode_row: Final = msgspec.json.Decoder(CustomerOrder).decode

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_LATEST: Final = 2**63 - 1


def row_of(order: Order, customer_id: str) -> CustomerOrder:
    """Return what the list of its customer says of an order."""
    facts = order.facts
    if order.version == 1:  # of most orders nothing can be said but that it was placed: half the time
        return CustomerOrder(
            customer_id=customer_id,
            order_id=order.order_id,
            version=1,
            placed_at=facts.placed_at,
            currency=facts.currency,
            exponent=facts.exponent,
            lines=len(facts.lines),
            total=facts.totals.total,
        )
    return CustomerOrder(
        customer_id=customer_id,
        order_id=order.order_id,
        version=order.version,
        placed_at=facts.placed_at,
        status=order_status(order),
        payment=payment_status(order),
        fulfilment=fulfilment_status(order),
        held=is_held(order),
        currency=facts.currency,
        exponent=facts.exponent,
        lines=len(facts.lines),
        total=facts.totals.total,
        cancelled_amount=order.cancelled_amount,
    )


def row_key(row: CustomerOrder) -> bytes:
    """Return customer, time placed counted backwards, order: a scan of the prefix is newest first."""
    backwards = _LATEST - (row.placed_at - _EPOCH) // _MICROSECOND
    return b"%b%b\0%b" % (prefix(row.customer_id), backwards.to_bytes(8, "big"), row.order_id.encode())


def prefix(customer_id: str) -> bytes:
    """Return what the keys of a customer's rows begin with. No id holds a NUL, so no other customer's do."""
    return customer_id.encode() + b"\0"


def after(customer_id: str) -> bytes:
    """Return the first key behind all rows of a customer: the end of a scan."""
    return customer_id.encode() + b"\x01"
