"""Whole lives: the replays' commands and all that follows from them, on all agents, without a broker."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from app.cli.replay.addresses import COMMAND_TOPICS
from app.cli.replay.counts import Counts
from app.cli.replay.held_back import HeldBack
from app.cli.replay.source import Draft
from app.domain.order.owed import owed
from app.domain.order.statuses import fulfilment_status, order_status
from app.domain.payment.balance import balance
from app.wire.contracts import ORDERS, RETURNS, STOCK
from app.wire.outcomes import decode_outcome
from tables.orders import ORDERS as ORDER_ROWS
from tables.stock import STOCK_ITEMS
from tests.agents.system import System
from tests.replay.data import READ, folder, recounted, sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.domain.order.state import Order

WHOLE = {"northwind": folder, "olist": folder, "online-retail": sample}  # half a million lines take minutes
CONTRACTS = dict(zip(COMMAND_TOPICS, (ORDERS, STOCK, RETURNS), strict=True))


class Life:
    """A replay on a system without a broker, and what was counted of it."""

    def __init__(self, name: str, system: System) -> None:
        self.name, self.system, self.counts = name, system, Counts()
        self.ids: list[str] = []
        held_back = HeldBack()
        for item in READ[name](WHOLE[name](name)):
            self.counts.add(item)
            if isinstance(item, Draft) and held_back.goes(item):
                self._send(item)
            if held_back.is_full:
                self._settle(held_back)
        while held_back:
            self._settle(held_back)
        system.wait(hours=1)

    def _settle(self, held_back: HeldBack) -> None:
        self.system.run()
        for draft in held_back.settled():
            self._send(draft)

    def _send(self, draft: Draft) -> None:
        topic, contract = next(
            (topic, contract)
            for topic, contract in CONTRACTS.items()
            if type(draft.data) in contract.commands
        )
        self.ids.append(draft.command_id)
        self.system.ask(contract, topic, draft.key, draft.data, id=draft.command_id, time=draft.at)

    def order(self, number: str) -> Order:
        order: Order | None = self.system.row(ORDER_ROWS, f"{self.name}-{number}")
        assert order is not None
        return order


@pytest.fixture(scope="module", params=READ)
def life(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    system = System(tmp_path_factory.mktemp("life"), seed=7)
    yield Life(request.param, system)
    system.close()


def test_every_order_ends_as_an_independent_recount_says(life: Life) -> None:
    expected = recounted(life.name, WHOLE[life.name](life.name)).orders
    assert expected
    for number, told in expected.items():
        assert seen(life.order(number)) == told.told, number


def test_every_command_is_decided_and_refused_only_what_comes_at_the_wrong_time(life: Life) -> None:
    assert not life.system.failed
    outcomes = {
        record.key.decode(): decode_outcome(record.value)
        for record in life.system.topics["command-outcomes"]
        if record.key is not None and record.value is not None
    }
    ours = [outcomes[command_id] for command_id in life.ids]
    refused = Counter(outcome.data.code for outcome in ours if not outcome.accepted)
    assert refused == life.counts.refusals
    assert refused == +recounted(life.name, WHOLE[life.name](life.name)).refusals


def test_the_shelves_hold_what_an_independent_recount_says(life: Life) -> None:
    for product, shelf in recounted(life.name, WHOLE[life.name](life.name)).shelves.items():
        item = life.system.row(STOCK_ITEMS, f"{product}@northwind")
        assert item is not None
        assert (item.on_hand, item.reserved, item.backordered) == (shelf.on_hand, shelf.reserved, 0), product


def seen(order: Order) -> dict[str, object]:
    """Return what the recount tells too."""
    facts, money = order.facts, balance(owed(order), order.payments)
    assert (money.due, money.refunding, money.capturing) == (0, 0, 0)
    return {
        "customer": facts.customer_id,
        "currency": facts.currency,
        "total": facts.totals.total,
        "cancelled": order.cancelled_amount,
        "stage": stage(order_status(order), fulfilment_status(order)),
        "paid": money.captured,
        "refunded": money.refunded,
        "lines": {
            line.line_id: (line.quantity, line.line_total, gone, units.shipped, units.sellable)
            for line, gone, units in zip(facts.lines, order.all_cancelled, order.all_units, strict=True)
        },
    }


def stage(order: str, fulfilment: str) -> str:
    """Return the two statuses as one word: how far an order has come."""
    return order if order == "cancelled" or fulfilment == "unfulfilled" else fulfilment
