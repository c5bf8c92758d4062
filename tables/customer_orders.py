"""The orders of each customer, newest first, on the customer's partition.

Key: customer, time counted backwards, order (app.views).
"""

from app.lane.declare import Index
from app.views.customer_orders import CustomerOrder, decode_row, encode_row

CUSTOMER_ORDERS: Index[CustomerOrder] = Index("customer-orders", encode=encode_row, decode=decode_row)
