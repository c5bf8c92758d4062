"""Rows as the engine stores them, for tests of what is made of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from app.domain.order.commands import Line, PlaceOrder, Totals
from app.domain.order.state import Order
from app.views import totals, worklists
from app.views.customer_orders import CustomerOrder, row_key
from app.views.worklists import WorkRow
from app.wire.events import journal_key
from tables.customer_orders import CUSTOMER_ORDERS
from tables.journal import JOURNAL
from tables.orders import ORDERS
from tables.outcomes import OUTCOMES
from tables.totals import DAILY_TOTALS
from tables.worklists import ORDER_LISTS

if TYPE_CHECKING:
    from app.lane.declare import AnyTable
    from tests.web.stub import Group

PLACED_AT = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
FACTS = PlaceOrder(
    customer_id="c-1",
    placed_at=PLACED_AT,
    currency="EUR",
    lines=(Line(line_id="1", sku="tea", quantity=2, unit_price=350, line_total=700),),
    totals=Totals(goods=700, total=700),
)


def store_order(group: Group, order_id: str, version: int = 1) -> None:
    """Store an order's row."""
    key = order_id.encode()
    row = ORDERS.encode(Order(order_id=order_id, version=version, facts=FACTS))
    group.rows(ORDERS, key)[key] = row


def store_events(group: Group, order_id: str, *events: bytes) -> None:
    """Store the events of an order, from version 1 on."""
    key = order_id.encode()
    for version, event in enumerate(events, 1):
        group.rows(JOURNAL, key)[journal_key(key, version)] = event


def store_outcome(group: Group, order_id: str, command_id: str) -> bytes:
    """Store what became of a command, and return its bytes."""
    outcome = msgspec.json.encode(
        {"specversion": "1.0", "id": f"{command_id}/outcome", "subject": order_id, "data": {}}
    )
    group.rows(OUTCOMES, order_id.encode())[command_id.encode()] = outcome
    return outcome


def store_customer_order(group: Group, customer_id: str, order_id: str, minute: int) -> None:
    """Store a row of a customer's list; a later minute is a newer order."""
    row = CustomerOrder(
        customer_id=customer_id,
        order_id=order_id,
        version=1,
        placed_at=PLACED_AT + timedelta(minutes=minute),
        currency="EUR",
        lines=1,
        total=700,
    )
    group.rows(CUSTOMER_ORDERS, customer_id.encode())[row_key(row)] = CUSTOMER_ORDERS.encode(row)


def store_listed(group: Group, order_id: str, minute: int, of: str = "placed", **facts: Any) -> None:
    """Store a row of a list of orders, on the partition of its order; a later minute is a younger order."""
    row = WorkRow(
        list=of,
        order_id=order_id,
        placed_at=PLACED_AT + timedelta(minutes=minute),
        currency="EUR",
        amount=700,
        **facts,
    )
    group.rows(ORDER_LISTS, order_id.encode())[worklists.key(row)] = ORDER_LISTS.encode(row)


def store_totals(
    group: Group, partition: int, day: str, zone: str = "UTC", currency: str = "EUR", **of: int
) -> None:
    """Store what the orders of one partition came to."""
    row = totals.Totals(zone=zone, currency=currency, day=date.fromisoformat(day), **of)
    group.tables[DAILY_TOTALS.name, partition].rows[totals.key(row)] = DAILY_TOTALS.encode(row)


def store_row(group: Group, table: AnyTable, of: str, key: str, row: Any) -> None:
    """Store a row of any table, on the partition of `of`."""
    group.rows(table, of.encode())[key.encode()] = table.encode(row)  # type: ignore[union-attr] # no topic is one here
