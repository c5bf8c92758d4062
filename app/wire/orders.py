"""The contract of the order, by the names that most of the code needs."""

from app.wire.contracts import ORDERS
from app.wire.envelopes import Command
from app.wire.unreadable import MAX_COMMAND_BYTES

__all__ = [
    "MAX_COMMAND_BYTES",
    "Command",
    "decode_order_command",
    "decode_order_event",
    "encode_order_command",
    "encode_order_event",
]

decode_order_command = ORDERS.decode_command
encode_order_command = ORDERS.encode_command
decode_order_event = ORDERS.decode_event
encode_order_event = ORDERS.encode_event
