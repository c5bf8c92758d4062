"""The processes of orders through all agents: what was asked for once runs to its end, with every trace of it kept."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from app.domain.order import commands as order
from app.domain.order.commands import Checkout
from app.domain.order.owed import owed
from app.domain.order.statuses import OrderStatus, order_status
from app.domain.payment import commands as payment
from app.domain.payment.balance import balance
from app.domain.processes.waiting import Stage, stage, stuck
from app.domain.returns import commands as returns
from app.domain.stock.commands import ReceiveStock, ReserveStock
from app.effects.house import NO_FUNDS
from app.lane.ticks import due_key
from app.wire.contracts import ORDERS, RETURNS, STOCK
from tables.orders import ORDERS as ORDER_ROWS
from tables.processes import PROCESS_TIMERS, PROCESSES, TIMELINE, WAITING_HEAD, WAITING_PROCESSES
from tables.returns import RETURNS_TABLE
from tables.stock import RESERVATIONS, STOCK_ITEMS
from tests.agents.system import System
from tests.domain import scenario
from tests.domain.scenario import NOON, line

if TYPE_CHECKING:
    from pathlib import Path

NORTH = Checkout(warehouse="north")


def receive(system: System, sku: str, quantity: int) -> None:
    command = ReceiveStock(receipt_id=f"r-{len(system.topics['stock-commands'])}", quantity=quantity, at=NOON)
    system.ask(STOCK, "stock-commands", f"sku-{sku}@north", command)


def place(system: System, order_id: str = "o-1", checkout: Checkout = NORTH, **facts: Any) -> str:
    lines = facts.pop("lines", (line("a", 2), line("b", 1)))
    placed = scenario.order(*lines, checkout=checkout, **facts)
    (command_id,) = system.ask(ORDERS, "order-commands", order_id, placed)
    return command_id


def ask(system: System, order_id: str, *commands: Any) -> None:
    system.ask(ORDERS, "order-commands", order_id, *commands)


def state(system: System, order_id: str = "o-1") -> tuple[OrderStatus, Stage]:
    """Return how far an order is, and how far its processes say it is."""
    row, kept = system.row(ORDER_ROWS, order_id), system.row(PROCESSES, order_id)
    return order_status(row), stage(kept.process)


def held(system: System) -> tuple[int, int]:
    """Return what all items hold, and what waits for units."""
    items = system.rows(STOCK_ITEMS)
    return sum(item.reserved for item in items), sum(item.backordered for item in items)


def test_an_order_with_a_checkout_is_reserved_authorised_and_confirmed_by_itself(system: System) -> None:
    receive(system, "a", 5)
    receive(system, "b", 5)
    place(system, cart_id="cart-1")
    system.run()
    assert state(system) == (OrderStatus.CONFIRMED, Stage.CONFIRMED)
    row = system.row(ORDER_ROWS, "o-1")
    assert [units.reserved for units in row.units] == [2, 1]
    assert row.payments.payments[0].authorized == row.facts.totals.total
    assert held(system) == (3, 0)
    assert system.rows(WAITING_PROCESSES) == []


def test_what_cannot_be_had_is_undone_before_any_money_moves(system: System) -> None:
    receive(system, "a", 5)
    place(system)
    system.run()
    assert state(system) == (OrderStatus.CANCELLED, Stage.ENDED)
    assert system.row(ORDER_ROWS, "o-1").payments.payments == ()
    assert held(system) == (0, 0)


def test_a_payment_that_is_declined_gives_the_units_back(system: System) -> None:
    receive(system, "a", 5)
    receive(system, "b", 5)
    place(system, checkout=Checkout(warehouse="north", method=NO_FUNDS))
    system.run()
    assert state(system) == (OrderStatus.CANCELLED, Stage.ENDED)
    assert held(system) == (0, 0)


@pytest.mark.parametrize("seed", range(3))
def test_of_200_orders_for_the_last_unit_one_wins_and_no_other_is_captured(tmp_path: Path, seed: int) -> None:
    """C41."""
    system = System(tmp_path, seed)
    receive(system, "a", 1)
    asked = Checkout(warehouse="north", capture="at-confirmation")
    for number in range(200):
        place(system, f"o-{number}", asked, lines=(line("a", 1),))
    system.run()
    states = [state(system, f"o-{number}") for number in range(200)]
    assert states.count((OrderStatus.CONFIRMED, Stage.CONFIRMED)) == 1
    assert states.count((OrderStatus.CANCELLED, Stage.ENDED)) == 199
    captures = [r for r in system.topics["order-events"] if b"payment-capture-requested" in (r.value or b"")]
    assert len(captures) == 1
    assert held(system) == (1, 0)
    system.close()
    assert not system.failed


def test_an_order_that_nobody_pays_in_time_expires_when_its_timer_fires(system: System) -> None:
    receive(system, "a", 5)
    receive(system, "b", 5)
    place(system, checkout=Checkout(warehouse="north", provider="silent", pay_within_s=86_400 * 30))
    system.run()
    assert state(system)[1] is Stage.PAYING
    system.wait(days=29)
    assert state(system)[1] is Stage.PAYING
    system.wait(days=2)
    assert state(system) == (OrderStatus.EXPIRED, Stage.ENDING)  # an authorisation may still come
    assert held(system) == (0, 0)


def test_a_year_goes_by_in_a_moment_and_leaves_no_timer(system: System) -> None:
    for number in range(20):
        receive(system, "a", 1)
        place(system, f"o-{number}", lines=(line("a", 1),))
    system.run()
    assert len(system.rows(PROCESS_TIMERS)) == 20
    system.wait(days=365)
    assert system.rows(PROCESS_TIMERS) == []
    assert len(system.topics["order-events"]) == 20 * 5, "nothing more was done by time alone"


def test_what_waits_beyond_its_bound_is_seen_and_what_goes_on_is_not(system: System) -> None:
    receive(system, "a", 1)
    place(system, "o-1", Checkout(warehouse="north", backorder=True), lines=(line("a", 2),))
    place(system, "o-2", Checkout(warehouse="north", provider="silent"), lines=(line("b", 1),))
    receive(system, "b", 1)
    system.run()
    kept = system.row(PROCESSES, "o-2")
    assert len(system.rows(WAITING_PROCESSES)) == 1, "o-1 is confirmed and waits for nothing but units"
    assert stuck(kept.process, system.now + timedelta(minutes=14)) == ()
    (what,) = stuck(kept.process, system.now + timedelta(minutes=16))
    assert what.what.startswith("authorization checkout-1")
    assert state(system, "o-1") == (OrderStatus.CONFIRMED, Stage.CONFIRMED)


def test_every_command_of_a_process_says_what_caused_it(system: System) -> None:
    receive(system, "a", 5)
    receive(system, "b", 5)
    command_id = place(system, cart_id="cart-1")
    system.run()
    entries = system.rows(TIMELINE, b"o-1\0")
    events = [ORDERS.decode_event(r.value or b"") for r in system.topics["order-events"]]
    caused_by = {entry.id: entry.causation_id for entry in entries} | {
        event.id: event.causationid for event in events
    }
    for entry in entries:
        at, steps = entry.id, 0
        while at in caused_by:
            at, steps = caused_by[at], steps + 1
        # the answers of the house account are commands of their own, that the order's event caused
        assert at == command_id or at.startswith("authorize-"), (entry, at)
        assert entry.correlation_id == command_id
    assert [e.type for e in entries if e.kind == "command"][:2] == ["claim-cart.v1", "reserve-stock.v1"]


def test_units_that_a_person_reserves_for_a_paid_order_are_told_to_it_at_once(system: System) -> None:
    receive(system, "a", 5)
    system.ask(ORDERS, "order-commands", "o-1", scenario.order(line("a", 2)))
    paid = payment.RecordPaymentAuthorized(payment_id="p", amount=2000)
    ask(system, "o-1", paid)
    system.run()
    assert system.row(PROCESSES, "o-1") is None, "there is nothing to do for it"
    held_back = ReserveStock(order_id="o-1", line_id="a", quantity=2, placed_at=NOON)
    system.ask(STOCK, "stock-commands", "sku-a@north", held_back)
    system.run()
    assert system.row(ORDER_ROWS, "o-1").units[0].reserved == 2
    ask(system, "o-1", order.CancelOrder())
    system.run()
    assert held(system) == (0, 0)


def test_a_return_is_received_restocked_and_paid_back_by_itself(system: System) -> None:
    receive(system, "a", 5)
    receive(system, "b", 5)
    place(system, checkout=Checkout(warehouse="north", capture="at-confirmation"))
    system.run()
    ask(
        system, "o-1",
        order.ShipOrder(shipment_id="s-1", lines=(order.Units(line_id="a", quantity=2),), at=NOON),
        order.ConfirmDelivery(shipment_id="s-1", at=NOON),
    )  # fmt: skip
    system.run()
    of_line = returns.LineToReturn(line_id="a", sku="sku-a", quantity=1, ordered=2, line_total=2000, before=0)
    commands = (
        returns.RequestReturn(order_id="o-1", requested_at=NOON, currency="EUR", lines=(of_line,)),
        returns.ApproveReturn(at=NOON),
        returns.ReceiveReturn(
            receipt_id="p-1", lines=(returns.UnitsToReceive(line_id="a", sellable=1),), at=NOON
        ),
        returns.InspectReceipt(
            receipt_id="p-1", lines=(returns.UnitsToPlace(line_id="a", restocked=1),), at=NOON
        ),
        returns.CloseReturn(at=NOON),
    )
    system.ask(RETURNS, "return-commands", "rt-1", *commands)
    system.run()
    row = system.row(ORDER_ROWS, "o-1")
    assert (row.units[0].shipped, row.units[0].sellable) == (2, 1)
    assert balance(owed(row), row.payments).refunded == 1000
    item = system.row(STOCK_ITEMS, "sku-a@north")
    assert (item.on_hand, item.reserved) == (4, 0)  # 5 came, 2 left, 1 came back
    assert system.row(RETURNS_TABLE, "rt-1").closed is not None


@pytest.mark.parametrize("seed", range(4))
def test_whatever_orders_go_through_nothing_is_held_when_all_are_cancelled(tmp_path: Path, seed: int) -> None:
    """C43."""
    system, chance = System(tmp_path, seed), Random(seed)  # noqa: S311 - a story, not a secret
    for sku in "abc":
        receive(system, sku, 20)
    for number in range(40):
        asked = Checkout(
            warehouse="north",
            backorder=chance.random() < 0.3,
            method=NO_FUNDS if chance.random() < 0.1 else "card",
            capture=chance.choice(["manual", "at-confirmation"]),
            pay_within_s=chance.choice([None, 60]),
        )
        lines = [line(sku, chance.randint(1, 3)) for sku in chance.sample("abc", chance.randint(1, 3))]
        place(system, f"o-{number}", asked, lines=lines, cart_id=chance.choice([None, f"c-{number // 2}"]))
        if chance.random() < 0.5:
            ask(system, f"o-{chance.randint(0, number)}", order.CancelOrder(reason="thought better of it"))
        if chance.random() < 0.3:
            for _ in range(chance.randint(1, 50)):
                system.step()
    system.run()
    system.wait(days=2)
    for number in range(40):
        ask(system, f"o-{number}", order.CancelOrder())
    system.wait(days=2)
    assert held(system) == (0, 0)
    assert system.rows(RESERVATIONS) == []
    assert {state(system, f"o-{number}")[1] for number in range(40)} == {Stage.ENDED}
    assert system.rows(WAITING_PROCESSES) == system.rows(PROCESS_TIMERS) == []
    system.close()
    assert not system.failed


def test_the_list_of_those_that_wait_begins_behind_those_that_went_on(system: System) -> None:
    receive(system, "a", 100)
    for number in range(40):
        place(system, f"o-{number}", lines=(line("a", 1),))
        system.run()
        system.wait(minutes=1)
    place(system, "o-late", Checkout(warehouse="north", provider="silent"), lines=(line("a", 1),))
    system.run()
    began = [head.first for head in system.rows(WAITING_HEAD)]
    assert began, "each of the others has waited for a moment"
    assert all(first > due_key(int(NOON.timestamp() * 1000), b"") for first in began)
    assert len(system.rows(WAITING_PROCESSES)) == 1
