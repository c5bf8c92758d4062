"""The bytes of the rows of returns and carts: JSON with the defaults left out."""

from typing import Final

import msgspec

from app.domain.cart.state import Cart
from app.domain.returns.state import Return

encode_return: Final = msgspec.json.Encoder().encode
decode_return: Final = msgspec.json.Decoder(Return).decode
encode_cart: Final = encode_return
decode_cart: Final = msgspec.json.Decoder(Cart).decode
