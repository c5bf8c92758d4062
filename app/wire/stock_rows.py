"""The bytes of the rows of stock: an item's totals, and its entries. JSON with the defaults left out."""

from typing import Final

import msgspec

from app.domain.stock.state import Entry, StockItem

encode_item: Final = msgspec.json.Encoder().encode
decode_item: Final = msgspec.json.Decoder(StockItem).decode
encode_entry: Final = encode_item
decode_entry: Final = msgspec.json.Decoder[Entry](Entry).decode
