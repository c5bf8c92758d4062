"""Which rows the events make, table by table.

Rows of `orders` are folded with the product's own `evolve`: they are to be the same in every detail. Beside
them stand `ORDER_TOTALS` and `customer-orders`, folded here from the JSON of the events, without the product.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.domain.order.evolver import evolve
from app.lane.partition import partition_of
from app.wire.contracts import ORDERS as ORDERS_CONTRACT
from app.wire.rows import encode_order
from tests.faults.checkers.decisions import CANCELLING
from tests.faults.checkers.rows import Projection, Rows
from tests.faults.history import OUTCOMES, is_marked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.domain.order.state import Order
    from tests.faults.history import Event, History


PLACED = "order-placed.v1"


def order_rows(history: History) -> Mapping[int, Rows]:
    rows: dict[int, dict[bytes, Order]] = defaultdict(dict)
    for event in history.events:
        own = rows[event.partition]
        key = event.order.encode()
        if key not in own and event.type != PLACED:
            continue  # a history with a hole: the checks say where
        own[key] = evolve(own.get(key), ORDERS_CONTRACT.decode_event(event.value).data, event.order)
    return {
        partition: {key: json.loads(encode_order(order)) for key, order in own.items()}
        for partition, own in rows.items()
    }


@dataclass
class Total:
    """An order in four numbers and a name, folded from the JSON of its events."""

    customer: str
    placed_at: str
    version: int
    total: int
    cancelled: int = 0
    left: int = 0  # units
    confirmed: bool = False
    expired: bool = False

    @property
    def money(self) -> tuple[int, int, int]:
        return self.version, self.total, self.cancelled

    @property
    def status(self) -> str:
        if self.expired:
            return "expired"
        if not self.left:
            return "cancelled"
        return "confirmed" if self.confirmed else "placed"

    def add(self, event: Event) -> None:
        data = event.data
        self.version = event.version
        if event.type in CANCELLING:
            self.cancelled += data["amount"]
            self.left -= sum(line["quantity"] for line in data["lines"])
        if event.type == "amendment-confirmed.v1":
            self.total += sum(line["line_total"] for line in data.get("lines", ()))
            self.left += sum(line["quantity"] for line in data.get("lines", ()))
            self.cancelled += sum(line["amount"] for line in data.get("cancelled", ()))
            self.left -= sum(line["quantity"] for line in data.get("cancelled", ()))
        self.confirmed |= event.type == "order-confirmed.v1"
        self.expired |= event.type == "order-expired.v1"


def totals(events: Iterable[Event]) -> dict[str, Total]:
    found: dict[str, Total] = {}
    for event in events:
        data = event.data
        if event.type == PLACED:
            units = sum(line["quantity"] for line in data["lines"])
            total = data["totals"]["total"]
            found[event.order] = Total(
                data["customer_id"], data["placed_at"], event.version, total, left=units
            )
            continue
        order = found.get(event.order)
        if order is None:
            continue  # as above
        order.add(event)
    return found


def order_totals(history: History) -> Mapping[int, Rows]:
    home = {event.order: event.partition for event in history.events}
    rows: dict[int, dict[bytes, Any]] = defaultdict(dict)
    for name, total in totals(history.events).items():
        rows[home[name]][name.encode()] = total.money
    return rows


def total_of_row(row: bytes) -> tuple[int, int, int]:
    body = json.loads(row)
    return body["version"], body["facts"]["totals"]["total"], body.get("cancelled_amount", 0)


def customer_rows(history: History) -> Mapping[int, Rows]:
    rows: dict[int, dict[bytes, Any]] = defaultdict(dict)
    for name, total in totals(history.events).items():
        customer = total.customer.encode()
        since_epoch = datetime.fromisoformat(total.placed_at) - datetime(1970, 1, 1, tzinfo=UTC)
        backwards = 2**63 - 1 - since_epoch // timedelta(microseconds=1)
        key = customer + b"\0" + backwards.to_bytes(8, "big") + b"\0" + name.encode()
        rows[partition_of(customer, history.partitions)][key] = (total.status, *total.money)
    return rows


def customer_row(row: bytes) -> tuple[str, int, int, int]:
    body = json.loads(row)
    return body.get("status", "placed"), body["version"], body["total"], body.get("cancelled_amount", 0)


def journal_rows(history: History) -> Mapping[int, Rows]:
    rows: dict[int, dict[bytes, bytes]] = defaultdict(dict)
    for event in history.events:
        rows[event.partition][journal_key(event.order, event.version)] = event.value
    return rows


def journal_key(order: str, version: int) -> bytes:
    return order.encode() + b"\0" + version.to_bytes(8, "big")


def outcome_rows(history: History) -> Mapping[int, Rows]:
    rows: dict[int, dict[bytes, bytes]] = defaultdict(dict)
    for seen in history.committed[OUTCOMES]:
        if seen.key is not None and seen.value is not None and not is_marked(seen):
            rows[seen.partition][seen.key] = seen.value
    return rows


ORDERS = Projection("orders", order_rows, json.loads)
ORDER_TOTALS = Projection("orders", order_totals, total_of_row, title="order totals")
CUSTOMER_ORDERS = Projection("customer-orders", customer_rows, customer_row)
JOURNAL = Projection("journal", journal_rows)
OUTCOME_ROWS = Projection("outcomes", outcome_rows)

PROJECTIONS = (ORDERS, ORDER_TOTALS, CUSTOMER_ORDERS, JOURNAL, OUTCOME_ROWS)
