"""Carts: which order each became. Key: cart id."""

from app.domain.cart.state import Cart
from app.lane.declare import Table
from app.wire.returns_rows import decode_cart, encode_cart

CARTS_TABLE: Table[Cart] = Table("carts", encode=encode_cart, decode=decode_cart)
