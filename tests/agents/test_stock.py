"""Stock, returns and carts through their agents: commands in, events, outcomes and rows out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.domain.cart.commands import ClaimCart
from app.domain.stock.commands import ReceiveStock, ReleaseStock, ReserveStock
from app.wire.contracts import CARTS, STOCK
from app.wire.events import event_version
from tables.carts import CARTS_TABLE
from tables.stock import AVAILABILITY, RESERVATIONS, STOCK_ITEMS
from tests.agents.system import System

if TYPE_CHECKING:
    from pathlib import Path

ITEM, NOON = "socks@north", datetime(2026, 3, 1, 12, tzinfo=UTC)


def receive(quantity: int) -> ReceiveStock:
    return ReceiveStock(receipt_id=f"r-{quantity}", quantity=quantity, at=NOON)


def reserve(order_id: str, quantity: int = 1, *, backorder: bool = False) -> ReserveStock:
    return ReserveStock(
        order_id=order_id, line_id="1", quantity=quantity, placed_at=NOON, backorder=backorder
    )


def test_of_200_orders_for_the_last_unit_exactly_one_wins(system: System) -> None:
    """C41."""
    system.ask(STOCK, "stock-commands", ITEM, receive(1))
    ids = system.ask(STOCK, "stock-commands", ITEM, *[reserve(f"o-{n}") for n in range(200)])
    system.run()
    outcomes = [system.outcome(each) for each in ids]
    assert sum(each.accepted for each in outcomes) == 1
    assert {each.data.code for each in outcomes if not each.accepted} == {"out-of-stock"}
    item = system.row(STOCK_ITEMS, ITEM)
    assert (item.on_hand, item.reserved, item.available) == (1, 1, 0)


def test_availability_is_found_by_sku_and_reservations_by_order(system: System) -> None:
    system.ask(
        STOCK, "stock-commands", ITEM, receive(5), reserve("o-1", 3), reserve("o-2", 4, backorder=True)
    )
    system.ask(STOCK, "stock-commands", "socks@south", receive(7))
    system.run()
    seen = {row.warehouse: row for row in system.rows(AVAILABILITY, b"socks\0")}
    assert (seen["north"].on_hand, seen["north"].reserved, seen["north"].backordered) == (5, 5, 2)
    assert seen["south"].free == 7
    (held,) = system.rows(RESERVATIONS, b"o-2\0")
    assert (held.item_id, held.reserved, held.backordered) == (ITEM, 2, 2)
    system.ask(STOCK, "stock-commands", ITEM, ReleaseStock(order_id="o-2", line_id="1", at=NOON))
    system.run()
    assert system.rows(RESERVATIONS, b"o-2\0") == []
    assert [row.order_id for row in system.rows(RESERVATIONS)] == ["o-1"]


def test_a_repeated_command_adds_no_fact(system: System) -> None:
    for _ in range(2):
        system.ask(STOCK, "stock-commands", ITEM, receive(5), id="cmd-once")
        system.run()
    system.ask(STOCK, "stock-commands", ITEM, receive(5), id="cmd-again")  # the same receipt, told anew
    system.run()
    assert len(system.topics["stock-events"]) == 1
    assert system.outcome("cmd-once").data.version == system.outcome("cmd-again").data.version == 1
    assert system.outcome("cmd-again").data.events == ()


def test_an_id_that_another_command_had_is_not_taken_for_a_repetition(tmp_path: Path) -> None:
    system = System(tmp_path)
    system.ask(STOCK, "stock-commands", ITEM, receive(5), id="cmd-1")
    system.ask(STOCK, "stock-commands", ITEM, reserve("o-1"), id="cmd-1")
    system.run()
    ((_, wrong),) = system.failed
    assert str(wrong).startswith("command-id-reused: receive-stock.v1 of socks@north")
    system.close()


def test_a_stale_version_is_refused(system: System) -> None:
    system.ask(STOCK, "stock-commands", ITEM, receive(5))
    (late,) = system.ask(STOCK, "stock-commands", ITEM, reserve("o-1"), expected_version=0)
    system.run()
    assert system.outcome(late).data.code == "version-conflict"


def test_the_second_order_of_a_cart_is_refused_and_names_the_first(system: System) -> None:
    """C15."""
    first, second = system.ask(
        CARTS, "cart-commands", "cart-9", ClaimCart(order_id="o-1"), ClaimCart(order_id="o-2")
    )
    system.run()
    assert system.outcome(first).accepted
    refused = system.outcome(second).data
    assert refused.code == "cart-already-ordered"
    assert "o-1" in (refused.detail or "")
    assert system.row(CARTS_TABLE, "cart-9").order_id == "o-1"


def test_what_happens_to_a_line_is_told_to_its_order_and_so_is_a_refusal(system: System) -> None:
    system.ask(STOCK, "stock-commands", ITEM, receive(1), reserve("o-1"))
    system.ask(STOCK, "stock-commands", ITEM, reserve("o-2"), source="/processes/o-2")
    system.ask(STOCK, "stock-commands", ITEM, reserve("o-3"), source="/shop")
    system.run()
    told = [*system.topics["process-inputs"], *system.handed]
    heard = {record.key: record.value or b"" for record in told if record.topic == "process-inputs"}
    assert set(heard) == {b"o-1", b"o-2"}, "a refusal goes to the process that asked, and to nobody else"
    assert event_version(heard[b"o-1"]) == 2
    assert b"out-of-stock" in heard[b"o-2"]


def test_however_many_wait_all_are_served_when_there_is_enough(system: System) -> None:
    waiting = [reserve(f"o-{n:03}", backorder=True) for n in range(180)]
    system.ask(STOCK, "stock-commands", ITEM, *waiting, receive(175))
    system.run()
    item = system.row(STOCK_ITEMS, ITEM)
    assert (item.reserved, item.backordered, item.available) == (175, 5, 0)
    allotted = [r.value for r in system.topics["stock-events"] if b"backorder-allotted" in (r.value or b"")]
    assert len(allotted) == 175
