"""The agent of the lists and totals of orders: it follows order-events, on the partition of each order.

It counts the order's row, which is at least as new as the event: of several events of one order that come together,
the first one does all the work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from agents.queues import Queue, enter, leave
from app.lane.declare import agent
from app.topics import ORDER_EVENTS
from app.views import totals, worklists
from app.views.counted import counted
from tables.orders import ORDERS
from tables.totals import DAILY_TOTALS
from tables.worklists import COUNTED_ORDERS, ORDER_LIST_HEADS, ORDER_LISTS

if TYPE_CHECKING:
    from app.lane.declare import Record
    from app.lane.turn import Turn

LISTS: Final = Queue(ORDER_LISTS, ORDER_LIST_HEADS)


def order_of(record: Record) -> bytes:
    """Return the order of an event. Nothing else of it is needed."""
    assert record.key is not None  # noqa: S101 - our own agent wrote it
    return record.key


@agent(
    ORDER_EVENTS,
    decode=order_of,
    tables=[ORDERS, COUNTED_ORDERS, ORDER_LISTS, ORDER_LIST_HEADS, DAILY_TOTALS],
)
def project_orders(key: bytes, turn: Turn) -> None:
    """Keep the orders by status, the work lists, and the totals of each day."""
    order, before = turn.get(ORDERS, key), turn.get(COUNTED_ORDERS, key)
    assert order is not None  # noqa: S101 - its row is written with its first event
    if before is not None and before.version == order.version:
        return
    now = counted(order, before)
    work, money = (None, None) if before is None else (before.work, before.totals)
    turn.put(COUNTED_ORDERS, key, now)
    for at, row in worklists.changes(work, now.work):
        if row is None:
            leave(turn, LISTS, worklists.list_of(at), at)
        else:
            enter(turn, LISTS, worklists.list_of(at), at, row)
    day = totals.key(now.totals)
    total = totals.changed(turn.get(DAILY_TOTALS, day), money, now.totals)
    if total is not None:
        turn.put(DAILY_TOTALS, day, total)
