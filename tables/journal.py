"""The events of each order, by version, as the bytes that were published: `order-events` itself, indexed.

Key: order id, NUL, version (8 bytes, big-endian).
"""

from app.lane.declare import TopicTable
from app.topics import ORDER_EVENTS
from app.wire.events import journal_row

JOURNAL: TopicTable[bytes] = TopicTable("journal", ORDER_EVENTS, row=journal_row, decode=bytes)
