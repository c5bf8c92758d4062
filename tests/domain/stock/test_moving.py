"""Goods come, go, are counted, come back and break."""

import pytest

from app.domain.bounds import AMOUNT_LIMIT
from app.domain.stock.commands import AdjustStock, RestockStock, StockCommand, WriteOffStock
from app.domain.stock.events import StockAdjusted, StockEvent, StockRestocked, StockWrittenOff
from app.domain.stock.statuses import stock_status
from tests.domain.stock.scenario import (
    NOON,
    allotted,
    backordered,
    given,
    receive,
    received,
    reserve,
    reserved,
    ship,
    shipped,
)

TEN = received(10)


def adjust(change: int, adjustment_id: str = "a-1") -> AdjustStock:
    return AdjustStock(adjustment_id=adjustment_id, change=change, reason="counted", at=NOON)


def adjusted(change: int, adjustment_id: str = "a-1") -> StockAdjusted:
    return StockAdjusted(adjustment_id=adjustment_id, change=change, reason="counted", at=NOON)


def restock(quantity: int, receipt_id: str = "b-1") -> RestockStock:
    return RestockStock(return_id="t-1", receipt_id=receipt_id, line_id="1", quantity=quantity, at=NOON)


def restocked(quantity: int, receipt_id: str = "b-1") -> StockRestocked:
    return StockRestocked(return_id="t-1", receipt_id=receipt_id, line_id="1", quantity=quantity, at=NOON)


def write_off(quantity: int) -> WriteOffStock:
    return WriteOffStock(write_off_id="w-1", quantity=quantity, reason="wet", at=NOON)


def written_off(quantity: int) -> StockWrittenOff:
    return StockWrittenOff(write_off_id="w-1", quantity=quantity, reason="wet", at=NOON)


def test_goods_that_come_in_are_there() -> None:
    after = given().when(receive(10)).then(TEN)
    assert (after.item.item_id, after.item.version) == ("sku-1@vienna", 1)
    assert (after.item.on_hand, after.item.available, after.item.free) == (10, 10, 10)


def test_a_count_is_believed() -> None:
    assert given(TEN).when(adjust(-3)).then(adjusted(-3)).item.on_hand == 7
    assert given(TEN).when(adjust(2)).then(adjusted(2)).item.on_hand == 12
    given().when(adjust(0)).then()


def test_returned_goods_are_for_sale_again_once_a_receipt() -> None:
    after = given(TEN).when(restock(1)).then(restocked(1))
    assert after.item.on_hand == 11
    assert after.when(restock(1, "b-2")).then(restocked(1, "b-2")).item.on_hand == 12


def test_broken_goods_are_given_up() -> None:
    assert given(TEN).when(write_off(4)).then(written_off(4)).item.on_hand == 6


def test_goods_that_are_held_for_orders_are_not_counted_or_written_away() -> None:
    eight_held = given(TEN, reserved("o-1", 8))
    eight_held.when(adjust(-3)).then_refused("stock-is-reserved", "3 units to go; of 10 on hand, 8 are held")
    eight_held.when(write_off(3)).then_refused("stock-is-reserved")
    eight_held.when(adjust(-2)).then(adjusted(-2))
    given().when(write_off(1)).then_refused("stock-is-reserved", "of 0 on hand")


@pytest.mark.parametrize(
    ("first", "happened", "second", "saying"),
    [
        (receive(10), TEN, receive(11), "receipt r-1 changed the stock by 10, not 11"),
        (adjust(2), adjusted(2), adjust(-2), "adjustment a-1 changed the stock by 2, not -2"),
        (restock(2), restocked(2), restock(1), "restock t-1 b-1 1 changed the stock by 2, not 1"),
        (write_off(2), written_off(2), write_off(1), "write-off w-1 changed the stock by -2, not -1"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_id_names_one_movement(
    first: StockCommand, happened: StockEvent, second: StockCommand, saying: str
) -> None:
    given(received(10, "r-0")).when(first).then(happened).when(second).then_refused(
        "movement-id-reused", saying
    )


def test_what_comes_in_goes_to_those_who_wait() -> None:
    two_wait = given(backordered("o-1", 2), backordered("o-2", 2))
    for command, event in ((receive(3), received(3)), (adjust(3), adjusted(3)), (restock(3), restocked(3))):
        after = two_wait.when(command).then(event, allotted("o-1", 2), allotted("o-2", 1, waiting=1))
        assert (after.item.available, after.item.backordered, after.item.due) == (0, 1, 0)


def test_there_are_never_more_units_than_json_can_carry() -> None:
    most = given(received(AMOUNT_LIMIT - 1))
    most.when(receive(1, "r-2")).then_refused("stock-too-large")
    most.when(adjust(1)).then_refused("stock-too-large")
    most.when(restock(1)).then_refused("stock-too-large")
    given(backordered("o-1", AMOUNT_LIMIT - 1)).when(reserve("o-2", backorder=True)).then_refused(
        "stock-too-large"
    )


def test_an_item_is_in_stock_sold_out_or_backordered() -> None:
    assert stock_status(given(TEN).item) == "in-stock"
    assert stock_status(given(TEN, reserved("o-1", 10)).item) == "sold-out"
    assert stock_status(given(TEN, backordered("o-1", 11, held=10)).item) == "backordered"
    gone = given(TEN, reserved("o-1", 10)).when(ship("o-1", 10)).then(shipped("o-1", 10))
    assert stock_status(gone.item) == "sold-out"
