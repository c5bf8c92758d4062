"""How a cart changes by what happened to it. Never refuses: a fact is a fact."""

from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import replace

from app.domain.cart.events import CartClaimed, CartEvent, CartReleased
from app.domain.cart.state import GIVEN_UP_LIMIT, Cart


def evolve(cart: Cart | None, event: CartEvent, cart_id: str) -> Cart:
    """Return the cart after `event`, one version later."""
    return EVOLVE[type(event)](cart or Cart(cart_id=cart_id, version=0), event)


def fold(cart_id: str, events: Iterable[CartEvent], cart: Cart | None = None) -> Cart | None:
    """Return the cart after `events`, starting from `cart`."""
    for event in events:
        cart = evolve(cart, event, cart_id)
    return cart


def _claimed(cart: Cart, event: CartClaimed) -> Cart:
    return replace(cart, version=cart.version + 1, order_id=event.order_id)


def _released(cart: Cart, event: CartReleased) -> Cart:
    return replace(
        cart,
        version=cart.version + 1,
        order_id=None if cart.order_id == event.order_id else cart.order_id,
        given_up=(*cart.given_up, event.order_id)[-GIVEN_UP_LIMIT:],
    )


EVOLVE: dict[type, Callable[[Cart, Any], Cart]] = {
    CartClaimed: _claimed,
    CartReleased: _released,
}
