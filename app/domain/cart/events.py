"""What can happen to a cart."""

from msgspec import Struct

from app.domain.bounds import Id, Text


class CartClaimed(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The cart is this order's."""

    order_id: Id


class CartReleased(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """This order does not want the cart, and never will: also said when its claim is still on the way."""

    order_id: Id
    reason: Text = ""


CartEvent = CartClaimed | CartReleased
