"""What is remembered of a cart."""

from typing import Final

from msgspec import Struct

# Orders that gave a cart up and could still claim it, by a command that comes late. Older ones are forgotten.
GIVEN_UP_LIMIT: Final = 20


class Cart(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """`order_id` has the cart, nobody when it is None. `given_up`: orders that will not get it, oldest first."""

    cart_id: str
    version: int
    order_id: str | None = None
    given_up: tuple[str, ...] = ()
