"""What Faust itself makes of the same work: one agent, one table, one event sent and one row written a command.

Decider, wire format and row are ours, so that only the delivery differs. It does less than we do: at least once, no
outcome, no journal, no list of a customer's orders.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import faust

from app.domain.order.decider import decide
from app.domain.order.evolver import evolve
from app.domain.refused import Refused
from app.lane.declare import Record
from app.wire.orders import decode_order_command, encode_order_event
from app.wire.rows import decode_order, encode_order
from app.wire.types import COMMAND_HEADERS

if TYPE_CHECKING:
    from app.domain.order.state import Order

NOW = "2026-01-01T00:00:00.000Z"  # telling the time is not what is compared
PARTITIONS = int(os.environ.get("PARTITIONS", "8"))

app = faust.App(
    os.environ.get("APP_ID", "plain-faust"),
    broker=f"kafka://{os.environ.get('KAFKA_URL', '127.0.0.1:9092')}",
    store="rocksdb://",
    datadir=os.environ.get("DATA_DIR", ".run/plain-faust"),
    topic_partitions=PARTITIONS,
    topic_replication_factor=1,
)
commands = app.topic(
    "order-commands", key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
)
events = app.topic(
    "order-events", key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
)
orders = app.Table("orders", key_type=bytes, value_type=bytes, partitions=PARTITIONS)


@app.agent(commands)
async def decide_commands(arriving: Any) -> None:
    """Decide each command; send its event, set its row."""
    async for each in arriving.events():
        message = each.message
        record = Record(
            message.topic,
            message.partition,
            message.offset,
            0,
            message.key,
            message.value,
            message.headers or (),
        )
        command = decode_order_command(record)
        stored = orders.get(message.key)
        order: Order | None = decode_order(stored) if stored is not None else None
        try:
            facts = decide(order, command.data)
        except Refused:
            continue
        for fact in facts:
            order = evolve(order, fact, command.subject)
            value = encode_order_event(fact, command.subject, order.version, command, NOW)
            await events.send(key=message.key, value=value, headers=[*COMMAND_HEADERS])
            orders[message.key] = encode_order(order)
