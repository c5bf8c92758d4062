"""The agent that lists each customer's orders, from what `decide_orders` tells of them."""

from app.lane.declare import Record, agent
from app.lane.turn import Turn
from app.topics import CUSTOMER_ORDER_CHANGES
from app.views.customer_orders import CustomerOrder, decode_row, row_key
from tables.customer_orders import CUSTOMER_ORDERS


def _decode(record: Record) -> CustomerOrder:
    return decode_row(record.value or b"")


@agent(CUSTOMER_ORDER_CHANGES, decode=_decode, tables=[CUSTOMER_ORDERS])
def index_customer_orders(order: CustomerOrder, turn: Turn) -> None:
    """List each customer's orders, newest first."""
    turn.put(CUSTOMER_ORDERS, row_key(order), order)
