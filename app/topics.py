"""Every topic, on one page. The start-up check creates what is missing and enforces the rest."""

from datetime import timedelta

from app.lane.declare import Keep, Topic
from app.settings import load

ORDER_COMMANDS = Topic("order-commands", Keep.A_WHILE, timedelta(days=7))
ORDER_EVENTS = Topic("order-events", Keep.EVERYTHING, settings={"message.timestamp.type": "LogAppendTime"})
# Key: the command id. Partition: the number of its order's lane, not the hash of the command id.
COMMAND_OUTCOMES = Topic("command-outcomes", Keep.A_WHILE, timedelta(days=load().outcome_retention_days))
DEAD_LETTERS = Topic("dead-letters", Keep.EVERYTHING)

TOPICS = (ORDER_COMMANDS, ORDER_EVENTS, COMMAND_OUTCOMES, DEAD_LETTERS)
