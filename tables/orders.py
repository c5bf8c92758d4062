"""The orders: the row that the next decision needs, and that `GET /orders/{id}` answers from. Key: order id."""

from app.domain.order.state import Order
from app.lane.declare import Table
from app.wire.rows import decode_order, encode_order

ORDERS: Table[Order] = Table("orders", encode=encode_order, decode=decode_order)
