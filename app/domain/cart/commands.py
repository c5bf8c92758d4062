"""What can be asked of a cart: to be an order's, and to be free again."""

from msgspec import Struct

from app.domain.bounds import Id, Text


class ClaimCart(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Make the cart this order's."""

    order_id: Id


class ReleaseCart(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Give the cart back: this order was refused, or never placed."""

    order_id: Id
    reason: Text = ""


CartCommand = ClaimCart | ReleaseCart
