"""Which shop an order comes from, and what becomes of it: ids that are the same whenever the order comes again."""

import re
from typing import Final, Literal

from msgspec import Struct

from app.domain.order.commands import PlaceOrder

Vendor = Literal["shopify", "woocommerce"]
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,79}")


class Shop(Struct, frozen=True, kw_only=True):
    """A shop: `name` is its domain, in small letters; `zone` decides the business day of its orders.

    `tests`: take test orders, too. `fulfilled`: take orders whose goods left already; they would leave again.
    """

    name: str
    zone: str = "UTC"
    tests: bool = False
    fulfilled: bool = False

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(
                f"the shop {self.name!r} must be a domain: letters a to z, digits, dots and hyphens"
            )

    def id_of(self, vendor: Vendor, number: int) -> str:
        """Return our id for something that the shop numbers: no two shops share one."""
        return f"{vendor}-{self.name}-{number}"

    def origin(self, vendor: Vendor) -> str:
        """Return where its orders come from."""
        return f"{vendor}-{self.name}"


class Placement(Struct, frozen=True, kw_only=True, gc=False):
    """A command to send. The same order has the same ids, so that it is placed once however often it comes."""

    order_id: str
    command_id: str
    order: PlaceOrder


def placement(shop: Shop, vendor: Vendor, number: int, order: PlaceOrder) -> Placement:
    """Return the command to place an order. `number` is what the vendor's later notices call the order."""
    order_id = shop.id_of(vendor, number)
    return Placement(order_id=order_id, command_id=f"{order_id}-place", order=order)
