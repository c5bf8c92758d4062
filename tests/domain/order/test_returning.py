"""Units that come back."""

from msgspec.structs import replace

from app.domain.order import commands, events
from app.domain.order.commands import Units, UnitsBack
from app.domain.order.state import ENTRIES_LIMIT
from app.domain.order.statuses import fulfilment_status
from tests.domain.scenario import NOON, When, after, given, line, placed

PLACED = placed(line("1", 3, 1900), line("2", 2, 500))
ALL = (Units(line_id="1", quantity=3), Units(line_id="2", quantity=2))
SHIP = commands.ShipOrder(shipment_id="s", lines=ALL, reason="by hand", at=NOON)
TWO = (Units(line_id="1", quantity=2),)
ADVISE = commands.AdviseReturn(return_id="r", lines=TWO, reason="too small")
RECEIPT = commands.RecordReturnReceipt(
    return_id="r", receipt_id="x", lines=(UnitsBack(line_id="1", sellable=1),), at=NOON
)
WITHDRAW = commands.WithdrawReturn(return_id="r", reason="kept")


def back(sellable: int, damaged: int = 0, line_id: str = "1") -> tuple[UnitsBack, ...]:
    return (UnitsBack(line_id=line_id, sellable=sellable, damaged=damaged),)


def test_units_that_left_can_come_back() -> None:
    one = When(after(PLACED, SHIP), ADVISE).then(
        events.ReturnAdvised(return_id="r", lines=TWO, reason="too small")
    )
    assert one is not None
    assert one.units[0].advised == 2
    assert fulfilment_status(one) == "shipped"
    When(one, ADVISE).then()
    When(one, replace(ADVISE, reason="too large")).then_refused("return-id-reused")


def test_no_unit_comes_back_twice_or_without_having_left() -> None:
    given(PLACED).when(ADVISE).then_refused("return-exceeds-line", saying="2 to come back, 0 are out")
    again = replace(ADVISE, return_id="q")
    When(after(PLACED, SHIP, ADVISE), again).then_refused("return-exceeds-line", saying="1 are out")
    When(after(PLACED, SHIP), replace(ADVISE, lines=TWO + TWO)).then_refused("duplicate-line")


def test_units_come_in_parts_sellable_or_damaged() -> None:
    one = When(after(PLACED, SHIP, ADVISE), RECEIPT).then(
        events.ReturnReceiptRecorded(return_id="r", receipt_id="x", lines=back(1), at=NOON)
    )
    assert one is not None
    assert fulfilment_status(one) == "partially-returned"
    When(one, RECEIPT).then()
    When(one, replace(RECEIPT, at=NOON.replace(hour=13))).then()
    When(one, replace(RECEIPT, lines=back(0, 1))).then_refused("receipt-id-reused")
    two = after(PLACED, SHIP, ADVISE, RECEIPT, replace(RECEIPT, receipt_id="y", lines=back(0, 1)))
    assert (two.units[0].sellable, two.units[0].damaged, two.units[0].advised) == (1, 1, 2)


def test_an_order_that_came_back_whole_is_returned() -> None:
    every = after(
        PLACED,
        SHIP,
        replace(ADVISE, lines=ALL),
        replace(RECEIPT, lines=back(3) + back(0, 2, "2")),
    )
    assert fulfilment_status(every) == "returned"


def test_a_parcel_is_one_of_an_advised_return() -> None:
    shipped = after(PLACED, SHIP, ADVISE)
    When(shipped, replace(RECEIPT, return_id="q")).then_refused("return-unknown")
    When(shipped, replace(RECEIPT, lines=back(0))).then_refused("return-empty")
    When(shipped, replace(RECEIPT, lines=back(1, 0, "x"))).then_refused("line-unknown")
    When(shipped, replace(WITHDRAW, return_id="q")).then_refused("return-unknown")


def test_what_came_beyond_the_advice_is_taken_while_units_are_out() -> None:
    one = after(PLACED, SHIP, ADVISE, replace(RECEIPT, lines=back(2, 1) + back(1, 0, "2")))
    assert [units.advised for units in one.units] == [3, 1]
    shipped = after(PLACED, SHIP, ADVISE)
    When(shipped, replace(RECEIPT, lines=back(4))).then_refused("return-exceeds-line", saying="3 are out")
    more = replace(RECEIPT, receipt_id="y")
    When(one, more).then_refused("return-exceeds-line", saying="0 are out")


def test_no_parcel_takes_the_units_of_another_return() -> None:
    other = commands.AdviseReturn(return_id="q", lines=(Units(line_id="1", quantity=1),))
    one = after(PLACED, SHIP, ADVISE, other)
    When(one, replace(RECEIPT, lines=back(3))).then_refused("return-exceeds-line", saying="2 are out")
    assert after(PLACED, SHIP, ADVISE, other, RECEIPT).units[0].advised == 3


def test_what_did_not_come_of_a_withdrawn_return_is_not_expected() -> None:
    one = When(after(PLACED, SHIP, ADVISE, RECEIPT), WITHDRAW).then(
        events.ReturnWithdrawn(return_id="r", lines=(Units(line_id="1", quantity=1),), reason="kept")
    )
    assert one is not None
    assert one.units[0].advised == 1
    When(one, WITHDRAW).then()


def test_a_return_that_came_whole_is_withdrawn_without_a_unit() -> None:
    whole = after(PLACED, SHIP, ADVISE, replace(RECEIPT, lines=back(2)))
    When(whole, WITHDRAW).then(events.ReturnWithdrawn(return_id="r", reason="kept"))


def test_a_parcel_that_comes_after_its_return_was_withdrawn_is_taken() -> None:
    other = commands.AdviseReturn(return_id="q", lines=(Units(line_id="1", quantity=1),))
    one = after(PLACED, SHIP, other, ADVISE, WITHDRAW, RECEIPT)
    assert (one.units[0].advised, one.units[0].sellable) == (2, 1)
    assert [each.withdrawn for each in one.returns] == [False, True]


def test_an_order_has_so_many_returns_and_receipts() -> None:
    many = placed(line("1", ENTRIES_LIMIT + 1, 1))
    gone = events.OrderShipped(
        shipment_id="s", lines=(Units(line_id="1", quantity=ENTRIES_LIMIT + 1),), at=NOON
    )
    one = (Units(line_id="1", quantity=1),)
    advised = [events.ReturnAdvised(return_id=str(i), lines=one) for i in range(ENTRIES_LIMIT)]
    given(many, gone, *advised).when(replace(ADVISE, lines=one)).then_refused("order-too-large")
    whole = events.ReturnAdvised(return_id="r", lines=gone.lines)
    came = [
        events.ReturnReceiptRecorded(return_id="r", receipt_id=str(i), lines=back(1), at=NOON)
        for i in range(ENTRIES_LIMIT)
    ]
    given(many, gone, whole, *came).when(RECEIPT).then_refused("order-too-large")
