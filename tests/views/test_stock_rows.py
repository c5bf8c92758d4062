"""What readers see of stock, and when they see a difference."""

import pytest
from hypothesis import given as for_any
from hypothesis import settings
from hypothesis import strategies as st

from app.domain.refused import Refused
from app.domain.stock.commands import StockCommand
from app.domain.stock.decider import decide
from app.domain.stock.evolver import evolve
from app.domain.stock.state import Stock, StockItem, stock
from app.views.stock import (
    Availability,
    OpenReservation,
    availability,
    availability_key,
    availability_prefix,
    changed_availability,
    changed_reservations,
    decode_availability,
    decode_reservation,
    encode_row,
    order_of,
    reservation_key,
)
from tests.domain.stock.scenario import (
    ITEM_ID,
    NOON,
    backordered,
    entries,
    given,
    received,
    release,
    reserve,
    reserved,
    ship,
)
from tests.domain.stock.test_histories import ASKED


def written(after: Stock) -> Stock:
    """Return the stock once its rows are stored."""
    return stock(after.item, entries(after))


def turn(before: Stock, command: StockCommand) -> Stock:
    """Return the stock after a command, with what it changed."""
    after = written(before)
    for fact in decide(after, command):
        after = evolve(after, fact, ITEM_ID)
    return after


def test_a_reader_sees_how_much_there_is() -> None:
    row = availability(given(received(5), reserved("o-1", 2), backordered("o-2", 4, held=3)).item)
    assert row == Availability(
        sku="sku-1",
        warehouse="vienna",
        on_hand=5,
        reserved=5,
        backordered=1,
        available=0,
        free=-1,
        open_reservations=2,
        status=row.status,
    )
    assert row.status == "backordered"
    assert decode_availability(encode_row(row)) == row


@pytest.mark.parametrize(
    ("item_id", "sku", "warehouse"),
    [("s@w", "s", "w"), ("a@b@w", "a@b", "w"), ("s", "s", ""), ("s@", "s", ""), ("@w", "", "w")],
)
def test_an_item_is_a_sku_in_a_warehouse(item_id: str, sku: str, warehouse: str) -> None:
    row = availability(StockItem(item_id=item_id, version=1))
    assert (row.sku, row.warehouse) == (sku, warehouse)


def test_the_warehouses_of_a_sku_lie_together() -> None:
    rows = [availability(StockItem(item_id=item, version=1)) for item in ("s@a", "s@b", "s2@a", "s 2@a")]
    keys = [availability_key(row) for row in rows]
    assert [key.startswith(availability_prefix("s")) for key in keys] == [True, True, False, False]
    assert keys[0] == b"s\0a"


def test_where_nothing_differs_nothing_is_written() -> None:
    before = given(received(5)).item
    after = StockItem(item_id=ITEM_ID, version=9, on_hand=5)
    assert changed_availability(before, after) is None
    assert changed_availability(None, after) == availability(after)
    assert changed_availability(before, given(received(6)).item) == availability(given(received(6)).item)


def test_a_reservation_is_seen_by_its_order_while_it_is_open() -> None:
    before = given(received(5))
    (held,) = changed_reservations(ITEM_ID, turn(before.stock, reserve("o-1", 2)))
    key, row = held
    assert (key, order_of(key)) == (b"o-1\0sku-1@vienna\x001", b"o-1")
    assert row == OpenReservation(
        order_id="o-1", item_id=ITEM_ID, line_id="1", quantity=2, reserved=2, placed_at=NOON
    )
    assert decode_reservation(encode_row(row)) == row
    for over in (ship("o-1", 2), release("o-1")):
        holding = given(received(5), reserved("o-1", 2)).stock
        assert list(changed_reservations(ITEM_ID, turn(holding, over))) == [(key, None)]


def test_a_reader_sees_the_same_whether_the_rows_have_been_stored_meanwhile() -> None:
    for command in (reserve("o-3", 1), release("o-1"), ship("o-1", 1), ship("o-1", 2)):
        before = given(received(5), reserved("o-1", 2), reserved("o-2", 2)).stock
        rows = entries(before)
        after = stock(before.item, rows)
        for fact in decide(after, command):
            after = evolve(after, fact, ITEM_ID)
        first = list(changed_reservations(ITEM_ID, after))
        for name, entry in after.changed.items():
            if entry is None:
                rows.pop(name)
            else:
                rows[name] = entry
        assert list(changed_reservations(ITEM_ID, after)) == first
        assert len(first) == 1


def test_to_move_up_in_the_queue_is_no_change_that_a_reader_sees() -> None:
    waiting = given(*[backordered(f"o-{i}", placed=i) for i in range(7)]).stock
    after = turn(waiting, release("o-0"))
    assert len([name for name in after.changed if name.startswith("open")]) > 1
    assert list(changed_reservations(ITEM_ID, after)) == [(reservation_key("o-0", ITEM_ID, "1"), None)]


@settings(deadline=None, max_examples=100)
@for_any(st.lists(ASKED, max_size=40))
def test_the_rows_of_orders_add_up_to_the_row_of_the_sku(asked: list[StockCommand]) -> None:
    now, rows, seen = stock(None, {}), dict[bytes, OpenReservation](), Availability(sku="sku-1")
    for command in asked:
        try:
            after = turn(now, command)
        except Refused:
            continue
        if after.item is None:
            continue
        seen = changed_availability(now.item, after.item) or seen
        for key, row in changed_reservations(ITEM_ID, after):
            if row is None:
                del rows[key]
            else:
                rows[key] = row
        now = written(after)
        assert seen == availability(after.item)
        assert seen.reserved == sum(row.reserved for row in rows.values())
        assert seen.backordered == sum(row.backordered for row in rows.values())
        assert seen.open_reservations == len(rows)
