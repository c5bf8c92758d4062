"""What is remembered of an order: the row that decisions need and that readers get.

Statuses are not here: they follow from this (statuses.py).
"""

from msgspec import Struct

from app.domain.order.commands import PlaceOrder


class Order(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """An order that was placed.

    `version` counts its events. `cancelled` holds the cancelled units of each line, in the order of
    `facts.lines`; it is empty while no unit is. `cancelled_amount` includes tax, and shipping at the end.
    """

    order_id: str
    version: int
    facts: PlaceOrder
    cancelled: tuple[int, ...] = ()
    cancelled_amount: int = 0
