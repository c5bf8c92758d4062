"""What the processes must know of an order: so much of it, and no more."""

from msgspec import Struct

from app.domain.bounds import Id, Moment
from app.domain.order.commands.checkout import Checkout
from app.domain.order.owed import owed
from app.domain.order.state import Order
from app.domain.payment.state import EMPTY, Ledger, Owed


class KnownLine(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A line, in units. `reserved`, `backordered` and `revision` are what the order was told of the stock."""

    line_id: Id
    sku: Id
    ordered: int
    cancelled: int = 0
    shipped: int = 0
    reserved: int = 0
    backordered: int = 0
    revision: int = 0


class Known(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """An order as it is after an event. `ended`: it was cancelled or has expired."""

    order_id: Id
    version: int
    placed_at: Moment
    cart_id: Id | None = None
    asked: Checkout | None = None
    lines: tuple[KnownLine, ...] = ()
    ended: bool = False
    confirmed: bool = False
    held: bool = False
    owed: Owed
    ledger: Ledger = EMPTY


def known(order: Order) -> Known:
    """Return what the processes must know of an order."""
    facts = order.facts
    return Known(
        order_id=order.order_id,
        version=order.version,
        placed_at=facts.placed_at,
        cart_id=facts.cart_id,
        asked=facts.checkout,
        lines=tuple(
            [
                KnownLine(
                    line_id=line.line_id,
                    sku=line.sku,
                    ordered=line.quantity,
                    cancelled=cancelled,
                    shipped=units.shipped,
                    reserved=units.reserved,
                    backordered=units.backordered,
                    revision=units.revision,
                )
                for line, cancelled, units in zip(
                    facts.lines, order.all_cancelled, order.all_units, strict=True
                )
            ]
        ),
        ended=order.ended,
        confirmed=order.confirmed,
        held=bool(order.holds),
        owed=owed(order),
        ledger=order.payments,
    )
