"""Units that leave, and units that come back."""

from typing import Any

from app.domain.order.commands import AdviseReturn, CancelOrder, ConfirmOrder, ShipOrder, Units
from app.domain.order.events import OrderCancelled, ReturnAdvised, ReturnReceiptRecorded, ReturnWithdrawn
from app.domain.payment.events import RefundGranted, RefundRequested
from app.domain.processes.waiting import waits
from app.domain.refused import Code
from app.domain.returns import commands as returns
from app.domain.stock.commands import CommitStock, ReceiveStock, ReleaseStock, ReserveStock, RestockStock
from app.domain.stock.events import StockRestocked, StockShipped
from tests.domain.processes.scenario import Story
from tests.domain.scenario import NOON, line, order

WATCHED = order(line("A", 2), line("B"))  # without a checkout


def shipped(quantity: int = 2, **facts: Any) -> ShipOrder:
    return ShipOrder(shipment_id="s", lines=(Units(line_id="A", quantity=quantity),), at=NOON, **facts)


def back(story: Story, return_id: str, *commands: Any) -> Story:
    for command in commands:
        assert story.world.ask("return", return_id, command) is None
        story.settle()
    return story


def requested(quantity: int = 2, before: int = 0) -> returns.RequestReturn:
    of_line = returns.LineToReturn(
        line_id="A", sku="sku-A", quantity=quantity, ordered=2, line_total=2000, before=before
    )
    return returns.RequestReturn(order_id="o-1", requested_at=NOON, currency="EUR", lines=(of_line,))


CLOSED = returns.CloseReturn(at=NOON)
APPROVED = returns.ApproveReturn(at=NOON, fee=100)


def received(sellable: int, damaged: int = 0, receipt_id: str = "1", **facts: Any) -> returns.ReceiveReturn:
    units = returns.UnitsToReceive(line_id="A", sellable=sellable, damaged=damaged)
    return returns.ReceiveReturn(receipt_id=receipt_id, lines=(units,), at=NOON, **facts)


def inspected(restocked: int, written_off: int = 0, receipt_id: str = "1") -> returns.InspectReceipt:
    units = returns.UnitsToPlace(line_id="A", restocked=restocked, written_off=written_off)
    return returns.InspectReceipt(receipt_id=receipt_id, lines=(units,), at=NOON)


def sold() -> Story:
    return Story().place(capture="at-confirmation").settle().ask(shipped()).settle().sound()


def test_what_left_is_committed_for_each_line_and_nothing_is_released() -> None:
    story = sold()
    (committed,) = story.told(StockShipped)
    assert (committed.line_id, committed.quantity, committed.forced) == ("A", 2, 0)
    assert story.sent(ReleaseStock) == []
    assert waits(story.process) == ()


def test_units_that_leave_without_a_reservation_are_seen() -> None:
    story = Story().place(units={"A": 2, "C": 1}).settle()  # there is no C
    assert story.status == "cancelled, ended"
    story = Story().place(backorder=True, units={"A": 2}).until("reserve-stock").ask(shipped(reason="urgent"))
    story.settle().sound()
    assert waits(story.process) == ()
    story = Story(A=1).place(backorder=True, units={"A": 2}).settle().ask(shipped(reason="urgent")).settle()
    (waiting,) = waits(story.process)
    assert (waiting.what, waiting.code) == ("commit-stock s A", Code.STOCK_IS_RESERVED)
    assert len(story.sent(CommitStock)) > 1
    story.receive("A", 5).settle().sound()
    assert waits(story.process) == ()


def test_a_return_is_advised_recorded_restocked_and_paid_back() -> None:
    story = back(sold(), "r", requested(), APPROVED, received(1, 1), inspected(1, 1)).sound()
    assert len(story.told(ReturnAdvised)) == 1
    (recorded,) = story.told(ReturnReceiptRecorded)
    assert (recorded.lines[0].sellable, recorded.lines[0].damaged) == (1, 1)
    assert [each.quantity for each in story.told(StockRestocked)] == [1]
    assert [each.amount for each in story.told(RefundGranted)] == [1900]
    assert [each.amount for each in story.told(RefundRequested)] == [1900]
    assert waits(story.process) == ()


def test_a_return_that_is_repeated_in_every_message_is_paid_back_once() -> None:
    story = sold()
    story.world.repeat = 0.5
    back(story, "r", requested(), APPROVED, received(2), inspected(2)).sound()
    assert len(story.told(RefundRequested)) == 1
    assert len(story.told(StockRestocked)) == 1


def test_units_that_come_one_by_one_are_paid_back_one_by_one() -> None:
    story = back(sold(), "r", requested(), APPROVED)
    back(
        story, "r", received(1), inspected(1), received(1, receipt_id="2"), inspected(1, receipt_id="2")
    ).sound()
    assert [each.amount for each in story.told(RefundRequested)] == [900, 1000]


def test_units_go_to_the_warehouse_to_which_they_came() -> None:
    story = back(sold(), "r", requested(), APPROVED, received(2, warehouse="graz"), inspected(2))
    (restocked,) = [each for each in story.world.sent if isinstance(each.command, RestockStock)]
    assert restocked.key == "sku-A@graz"
    assert waits(story.process) == ()
    assert story.process.lines[0].item_id == "sku-A@vienna"


def test_what_another_warehouse_holds_for_a_line_is_not_taken_for_its_reservation() -> None:
    story = Story().place(units={"A": 2}).settle()
    story.world.ask("stock", "sku-A@graz", ReceiveStock(receipt_id="g", quantity=2, at=NOON))
    held = ReserveStock(order_id="o-1", line_id="A", quantity=2, placed_at=NOON)
    assert story.world.ask("stock", "sku-A@graz", held) is None
    before = story.process
    story.settle()
    assert story.process == before


def test_units_that_do_not_come_are_expected_no_more() -> None:
    story = back(sold(), "r", requested(), APPROVED, received(1), inspected(1), CLOSED)
    assert [each.lines[0].quantity for each in story.told(ReturnWithdrawn)] == [1]
    story = back(sold(), "r", requested(), APPROVED, received(2), inspected(2), CLOSED)
    assert story.told(ReturnWithdrawn) == []


def test_an_order_of_which_no_stock_is_kept_commits_and_restocks_nothing() -> None:
    story = Story()
    story.ask(WATCHED).ask(shipped(reason="by hand")).settle()
    back(story, "r", requested(), APPROVED, received(2), inspected(2))
    assert story.sent(CommitStock) == story.sent(RestockStock) == []
    (waiting,) = waits(story.process)
    assert (waiting.what, waiting.code) == ("grant-refund r/1", Code.REFUND_EXCEEDS_CAPTURED)  # nobody paid


def test_a_reservation_that_was_made_by_hand_is_told_to_the_order_and_released_when_it_ends() -> None:
    story = Story()
    story.ask(WATCHED).settle()
    held = ReserveStock(order_id="o-1", line_id="A", quantity=2, placed_at=NOON)
    assert story.world.ask("stock", "sku-A@vienna", held) is None
    story.settle().ask(CancelOrder()).settle().sound()
    assert story.order.units[0].reserved == 0


def test_an_id_of_a_grant_that_would_be_too_long_is_a_digest() -> None:
    return_id = "r" * 128
    story = back(sold(), return_id, requested(), APPROVED, received(2), inspected(2)).sound()
    (granted,) = story.told(RefundGranted)
    assert len(granted.grant_id) == 64


def test_what_a_person_did_before_the_process_is_done() -> None:
    story = back(sold(), "r", requested())
    story.ask(AdviseReturn(return_id="r", lines=(Units(line_id="A", quantity=2),))).settle()
    back(story, "r", APPROVED).sound()
    assert waits(story.process) == ()
    assert len(story.told(ReturnAdvised)) == 1


def test_an_order_that_may_not_wait_is_not_paid_while_it_waits_by_a_persons_word() -> None:
    story = Story(A=1).place(units={"A": 2}).until("reserve-stock")
    held = ReserveStock(order_id="o-1", line_id="A", quantity=2, placed_at=NOON, backorder=True)
    assert story.world.ask("stock", "sku-A@vienna", held) is None
    story.settle()
    assert story.status == "placed, reserving"
    assert [each.what for each in waits(story.process)] == ["reserving"]
    story.receive("A", 1).settle().sound()
    assert story.status == "confirmed, confirmed"


def test_a_confirmed_order_whose_units_are_not_there_is_not_cancelled_but_seen() -> None:
    story = (
        Story(A=1).place(units={"A": 2}).until("reserve-stock").ask(ConfirmOrder(at=NOON)).settle().sound()
    )
    assert story.status == "confirmed, confirmed"
    (waiting,) = waits(story.process)
    assert (waiting.what, waiting.code) == ("reserve-stock A", Code.OUT_OF_STOCK)


def test_a_line_that_a_person_released_before_it_was_reserved_undoes_the_checkout() -> None:
    story = Story()
    released = ReleaseStock(order_id="o-1", line_id="A", at=NOON)
    assert story.world.ask("stock", "sku-A@vienna", released) is None
    story.place(units={"A": 1}).settle().sound()
    assert story.told(OrderCancelled)[0].reason == Code.RESERVATION_RELEASED
