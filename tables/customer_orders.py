"""The orders of each customer, newest first. Key: customer, time counted backwards, order (app.views)."""

from app.lane.declare import Table
from app.views.customer_orders import CustomerOrder, decode_row, encode_row

CUSTOMER_ORDERS: Table[CustomerOrder] = Table("customer-orders", encode=encode_row, decode=decode_row)
