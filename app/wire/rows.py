"""The bytes of an order's row: JSON with the defaults left out, small and still readable by a person."""

from typing import Final

import msgspec

from app.domain.order.state import Order

encode_order: Final = msgspec.json.Encoder().encode
decode_order: Final = msgspec.json.Decoder(Order).decode
