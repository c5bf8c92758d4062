"""The model and the projections agree with the product, whose pure parts decide the workload here."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from app.domain.order.decider import decide
from app.domain.order.evolver import fold
from app.domain.refused import Refused, require_version
from app.lane.declare import Record, Undecodable
from app.lane.partition import partition_of
from app.views.customer_orders import CustomerOrder, encode_row, row_key, row_of
from app.wire.events import journal_row
from app.wire.orders import Command, decode_order_command, encode_order_event
from app.wire.outcomes import accepted, refused
from app.wire.rows import encode_order
from tests.faults.checkers.all import DELIVERY, ROWS
from tests.faults.checkers.delivery import poison_is_dead_lettered_once, what_follows_is_sent_once
from tests.faults.history import COMMANDS, DEAD, EVENTS, OUTCOMES, Ack, Database, History, Seen
from tests.faults.projections import PROJECTIONS
from tests.faults.workload import Workload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.domain.order.state import Order
    from tests.faults.checkers.rows import Projection

PARTITIONS = 4
CHANGELOGS = {"orders": "rows", "customer-orders": "indexes", "journal": EVENTS, "outcomes": OUTCOMES}
NOW = "2026-01-05T09:00:00.000Z"


class Imitation:
    """A log and the rows that follow from it, made by the product's pure functions alone."""

    def __init__(self) -> None:
        self.topics: dict[str, list[list[Seen]]] = {}
        self.orders: dict[bytes, Order] = {}
        self.known: set[str] = set()
        self.changelogs = CHANGELOGS
        for topic in (COMMANDS, EVENTS, OUTCOMES, DEAD, *self.changelogs.values()):
            self.topics[topic] = [[] for _ in range(PARTITIONS)]

    def append(self, topic: str, partition: int, key: bytes, value: bytes) -> None:
        log = self.topics[topic][partition]
        log.append(Seen(partition, len(log), key, value))

    def take(self, key: bytes, value: bytes, *, misplaced: bool) -> None:
        partition = (partition_of(key, PARTITIONS) + misplaced) % PARTITIONS
        self.append(COMMANDS, partition, key, value)
        if misplaced:
            self.append(DEAD, partition, key, value)
            return
        try:
            command = decode_order_command(Record(COMMANDS, partition, 0, 0, key, value))
        except Undecodable:
            self.append(DEAD, partition, key, value)
            return
        if command.id not in self.known:
            self.known.add(command.id)
            self.decide(command, key, partition)

    def decide(self, command: Command, key: bytes, partition: int) -> None:
        before = self.orders.get(key)
        try:
            if command.expected_version is not None:
                require_version(before, command.expected_version, "order")
            events = decide(before, command.data)
        except Refused as refusal:
            version = before.version if before else 0
            self.append(OUTCOMES, partition, command.id.encode(), refused(command, version, refusal, NOW))
            return
        order = fold(command.subject, events, before)
        assert order is not None
        self.orders[key] = order
        (event,) = events
        value = encode_order_event(event, command.subject, order.version, command, NOW)
        self.append(EVENTS, partition, key, value)
        outcome = accepted(command, command.subject, order.version, NOW, [order.version])
        self.append(OUTCOMES, partition, command.id.encode(), outcome)
        self.append(self.changelogs["orders"], partition, b"orders\0" + key, encode_order(order))
        assert order.facts.customer_id is not None
        self.list(row_of(order, order.facts.customer_id))

    def list(self, row: CustomerOrder) -> None:
        home = partition_of(row.customer_id.encode(), PARTITIONS)
        self.append(
            self.changelogs["customer-orders"], home, b"customer-orders\0" + row_key(row), encode_row(row)
        )

    def history(self) -> History:
        topics = {topic: [seen for log in logs for seen in log] for topic, logs in self.topics.items()}
        ends = {(topic, p): len(log) for topic, logs in self.topics.items() for p, log in enumerate(logs)}
        dead = {seen.key for seen in topics[DEAD]}
        acks = [
            Ack(json.loads(seen.value or b"")["id"], COMMANDS, seen.partition, seen.offset)
            for seen in topics[COMMANDS]
            if seen.key not in dead
        ]
        return History(
            partitions=PARTITIONS,
            acks=acks,
            committed=topics,
            live={EVENTS: topics[EVENTS]},
            changelogs=self.changelogs,
            writes={table: list(self.writes(table)) for table in self.changelogs},
            databases=[
                self.database(table, topic, p)
                for table, topic in self.changelogs.items()
                for p in range(PARTITIONS)
            ],
            offsets=ends,
            ends=ends,
        )

    def writes(self, table: str) -> Iterator[Seen]:
        for log in self.topics[self.changelogs[table]]:
            for seen in log:
                assert seen.key is not None
                assert seen.value is not None
                key, row = journal_row(seen.key, seen.value) if table == "journal" else (seen.key, seen.value)
                key = key.removeprefix(table.encode() + b"\0")  # in the changelog that tables share
                yield Seen(seen.partition, seen.offset, key, row)

    def database(self, table: str, topic: str, partition: int) -> Database:
        rows = {
            seen.key: seen.value
            for seen in self.writes(table)
            if seen.partition == partition and seen.key is not None and seen.value is not None
        }
        return Database("w1", table, partition, len(self.topics[topic][partition]) - 1, rows)


@pytest.fixture(scope="module")
def history() -> History:
    imitation = Imitation()
    for message in islice(Workload(seed=3, orders=40, lives=0), 4000):
        imitation.take(message.key, message.value, misplaced=message.misplaced)
    return imitation.history()


def test_what_the_product_decides_passes_every_check(history: History) -> None:
    verdicts = [
        check(history) for check in DELIVERY if check is not what_follows_is_sent_once
    ]  # nothing does here
    verdicts += [check(history, projection) for projection in PROJECTIONS for check in ROWS]
    assert [verdict for verdict in verdicts if not verdict.clean] == []
    assert [verdict.check for verdict in verdicts if not verdict.examined] == []


def test_a_history_with_a_hole_is_judged_and_does_not_break_the_checks(history: History) -> None:
    first = history.committed[EVENTS][0]
    holed = replace(history, committed={**history.committed, EVENTS: history.committed[EVENTS][1:]})
    assert json.loads(first.value or b"")["type"] == "order-placed.v1"
    assert all(not check(holed, PROJECTIONS[0]).clean for check in (ROWS[0], ROWS[2]))
    assert all(not check(holed, PROJECTIONS[2]).clean for check in (ROWS[0], ROWS[2]))


@pytest.mark.parametrize("projection", PROJECTIONS, ids=[each.name for each in PROJECTIONS])
def test_a_row_too_few_is_seen(projection: Projection, history: History) -> None:
    spoilt = []
    for database in history.databases:
        rows = dict(database.rows)
        if database.table == projection.table:
            rows.pop(next(iter(rows)))
        spoilt.append(replace(database, rows=rows))
    fold_check = ROWS[-1](replace(history, databases=spoilt), projection)
    assert fold_check.count == PARTITIONS


def test_a_misplaced_command_that_is_decided_is_seen(history: History) -> None:
    stray = next(seen for seen in history.poison if (seen.key or b"").startswith(b"order-"))
    buried = [seen for seen in history.committed[DEAD] if seen.key != stray.key]
    verdict = poison_is_dead_lettered_once(replace(history, committed={**history.committed, DEAD: buried}))
    assert verdict.count == 1


def test_a_row_with_a_wrong_amount_is_seen(history: History) -> None:
    spoilt = [
        replace(
            database, rows={key: row.replace(b'"total":', b'"total":1') for key, row in database.rows.items()}
        )
        for database in history.databases
    ]
    counts = [ROWS[-1](replace(history, databases=spoilt), projection).count for projection in PROJECTIONS]
    assert all(counts[:3])
