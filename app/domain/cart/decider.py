"""The rules of a cart: two submits of one cart are two orders, and only the first stands."""

from collections.abc import Callable
from typing import Any

from app.domain.cart.commands import CartCommand, ClaimCart, ReleaseCart
from app.domain.cart.events import CartClaimed, CartEvent, CartReleased
from app.domain.cart.state import Cart
from app.domain.refused import Code, Refused


def decide(cart: Cart | None, command: CartCommand) -> tuple[CartEvent, ...]:
    """Return what happens. `()`: it already has. Raises `Refused`: it never will."""
    return DECIDE[type(command)](cart, command)


def _claim(cart: Cart | None, command: ClaimCart) -> tuple[CartEvent, ...]:
    order_id = command.order_id
    if cart is not None:
        if cart.order_id == order_id:
            return ()
        if order_id in cart.given_up:
            raise Refused(Code.CART_GIVEN_UP, f"order {order_id} gave the cart up before")
        if cart.order_id is not None:
            raise Refused(Code.CART_ALREADY_ORDERED, f"it became order {cart.order_id}")
    return (CartClaimed(order_id=order_id),)


def _release(cart: Cart | None, command: ReleaseCart) -> tuple[CartEvent, ...]:
    if cart is not None and command.order_id in cart.given_up:
        return ()
    return (CartReleased(order_id=command.order_id, reason=command.reason),)


DECIDE: dict[type, Callable[[Cart | None, Any], tuple[CartEvent, ...]]] = {
    ClaimCart: _claim,
    ReleaseCart: _release,
}
