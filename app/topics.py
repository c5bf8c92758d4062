"""Every topic, on one page. The start-up check creates what is missing and enforces the rest."""

from datetime import timedelta

from app.lane.declare import Keep, Topic
from app.settings import load

WEEK = timedelta(days=7)
STAMPED = {"message.timestamp.type": "LogAppendTime"}

ORDER_COMMANDS = Topic("order-commands", Keep.A_WHILE, WEEK)
ORDER_EVENTS = Topic("order-events", Keep.EVERYTHING, settings=STAMPED)
# Key: the command id. Partition: the number of its order's lane, not the hash of the command id.
COMMAND_OUTCOMES = Topic("command-outcomes", Keep.A_WHILE, timedelta(days=load().outcome_retention_days))
STOCK_COMMANDS = Topic("stock-commands", Keep.A_WHILE, WEEK)  # key: sku@warehouse
STOCK_EVENTS = Topic("stock-events", Keep.EVERYTHING, settings=STAMPED)
RETURN_COMMANDS = Topic("return-commands", Keep.A_WHILE, WEEK)  # key: return id
RETURN_EVENTS = Topic("return-events", Keep.EVERYTHING, settings=STAMPED)
CART_COMMANDS = Topic("cart-commands", Keep.A_WHILE, WEEK)  # key: cart id
CART_EVENTS = Topic("cart-events", Keep.EVERYTHING, settings=STAMPED)
# What the processes of an order hear: events and refusals, from wherever they come. Key: order id.
PROCESS_INPUTS = Topic("process-inputs", Keep.A_WHILE, WEEK)
DEAD_LETTERS = Topic("dead-letters", Keep.EVERYTHING)

TOPICS = (
    ORDER_COMMANDS, ORDER_EVENTS, STOCK_COMMANDS, STOCK_EVENTS, RETURN_COMMANDS, RETURN_EVENTS, CART_COMMANDS,
    CART_EVENTS, PROCESS_INPUTS, COMMAND_OUTCOMES, DEAD_LETTERS,
)  # fmt: skip
# Where the commands of a contract go (app.wire.contracts), by its source.
COMMAND_TOPICS = {
    "/orders": ORDER_COMMANDS,
    "/stock": STOCK_COMMANDS,
    "/returns": RETURN_COMMANDS,
    "/carts": CART_COMMANDS,
}
