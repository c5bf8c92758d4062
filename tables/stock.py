"""Stock: an item's totals, its entries, and what readers ask for by another key.

`stock-items`: key `sku@warehouse`. `stock-entries`: item, NUL, name (app.domain.stock.names). `availability` lies on
the partition of the SKU, `reservations` on that of the order.
"""

from app.domain.stock.state import Entry, StockItem
from app.lane.declare import Index, Table
from app.views.stock import Availability, OpenReservation, decode_availability, decode_reservation, encode_row
from app.wire.stock_rows import decode_entry, decode_item, encode_entry, encode_item

STOCK_ITEMS: Table[StockItem] = Table("stock-items", encode=encode_item, decode=decode_item)
STOCK_ENTRIES: Table[Entry] = Table("stock-entries", encode=encode_entry, decode=decode_entry)
AVAILABILITY: Index[Availability] = Index("availability", encode=encode_row, decode=decode_availability)
RESERVATIONS: Index[OpenReservation] = Index("reservations", encode=encode_row, decode=decode_reservation)
