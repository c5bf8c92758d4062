"""Cancelling units, lines and orders."""

from msgspec.structs import replace

from app.domain.order.commands import CancelLines, CancelOrder, UnitsToCancel
from app.domain.order.events import OrderCancelled, OrderLinesCancelled, UnitsCancelled
from app.domain.order.statuses import order_status
from tests.domain.scenario import given, line, placed, shipping

PLACED = placed(line("1", 3, 1900), line("2", 2, 500), shipping=(shipping(750),))


def cancel(*units: tuple[str, int], reason: str = "") -> CancelLines:
    return CancelLines(
        lines=tuple(UnitsToCancel(line_id=line_id, quantity=quantity) for line_id, quantity in units),
        reason=reason,
    )


def cancelled(*units: tuple[str, int, int], shipping: int = 0, reason: str = "") -> OrderLinesCancelled:
    lines = tuple(
        UnitsCancelled(line_id=i, quantity=quantity, amount=amount) for i, quantity, amount in units
    )
    amount = sum(unit.amount for unit in lines) + shipping
    return OrderLinesCancelled(lines=lines, shipping=shipping, amount=amount, reason=reason)


def all_cancelled(*units: tuple[str, int, int], shipping: int = 0, reason: str = "") -> OrderCancelled:
    some = cancelled(*units, shipping=shipping, reason=reason)
    return OrderCancelled(lines=some.lines, shipping=shipping, amount=some.amount, reason=reason)


def test_units_are_cancelled_with_what_they_were_worth() -> None:
    after = given(PLACED).when(cancel(("1", 1), reason="late")).then(cancelled(("1", 1, 1900), reason="late"))
    assert after is not None
    assert (after.version, after.cancelled, after.cancelled_amount) == (2, (1, 0), 1900)
    assert order_status(after) == "placed"


def test_units_of_a_line_that_does_not_divide_are_worth_the_line_together() -> None:
    thirds = placed(line("1", 3, 1000, unit_price_precision=0, order_discount_share=2000))
    assert thirds.facts.lines[0].line_total == 1000
    one, two, three = cancelled(("1", 1, 333)), cancelled(("1", 1, 334)), cancelled(("1", 1, 333))
    given(thirds).when(cancel(("1", 1))).then(one)
    given(thirds, one).when(cancel(("1", 1))).then(two)
    given(thirds, one, two).when(cancel(("1", 1))).then(three)
    given(thirds).when(cancel(("1", 2))).then(cancelled(("1", 2, 667)))
    given(thirds, cancelled(("1", 2, 667))).when(cancel(("1", 1))).then(cancelled(("1", 1, 333)))


def test_the_tax_of_a_line_goes_unit_by_unit() -> None:
    taxed = placed(line("1", 3, 10_000, tax_rate_bp=1900))
    first = cancelled(("1", 1, 11_900))
    given(taxed).when(cancel(("1", 1))).then(first)
    given(taxed, first).when(CancelOrder()).then(all_cancelled(("1", 2, 23_800)))


def test_a_discount_stays_where_it_was_when_a_line_goes() -> None:
    both = placed(
        line("A", 1, 10_000, order_discount_share=1000), line("B", 1, 10_000, order_discount_share=1000)
    )
    after = given(both).when(cancel(("B", 1))).then(cancelled(("B", 1, 9000)))
    assert after is not None
    assert after.facts.totals.total - after.cancelled_amount == 9000
    given(both, cancelled(("B", 1, 9000))).when(cancel(("A", 1))).then(cancelled(("A", 1, 9000)))


def test_shipping_goes_with_the_last_unit() -> None:
    most = cancelled(("1", 3, 5700), ("2", 1, 500))
    given(PLACED).when(cancel(("2", 1), ("1", 3))).then(most)
    after = given(PLACED, most).when(cancel(("2", 1))).then(cancelled(("2", 1, 500), shipping=750))
    assert after is not None
    assert order_status(after) == "cancelled"
    assert after.cancelled_amount == after.facts.totals.total


def test_an_order_is_cancelled_whole() -> None:
    event = all_cancelled(("1", 3, 5700), ("2", 2, 1000), shipping=750, reason="changed my mind")
    after = given(PLACED).when(CancelOrder(reason="changed my mind")).then(event)
    assert after is not None
    assert order_status(after) == "cancelled"
    assert after.cancelled_amount == after.facts.totals.total


def test_what_is_left_of_an_order_is_cancelled() -> None:
    some = cancelled(("1", 3, 5700), ("2", 1, 500))
    given(PLACED, some).when(CancelOrder()).then(all_cancelled(("2", 1, 500), shipping=750))


def test_an_order_that_nobody_placed_cannot_be_cancelled() -> None:
    given().when(CancelOrder()).then_refused("order-unknown")
    given().when(cancel(("1", 1))).then_refused("order-unknown")


def test_cancelling_twice_is_refused() -> None:
    gone = all_cancelled(("1", 3, 5700), ("2", 2, 1000), shipping=750)
    given(PLACED, gone).when(CancelOrder()).then_refused("order-already-cancelled", "version 2")
    given(PLACED, gone).when(cancel(("1", 1))).then_refused("order-already-cancelled")


def test_an_order_whose_units_all_went_one_by_one_is_cancelled_too() -> None:
    gone = (cancelled(("1", 3, 5700)), cancelled(("2", 2, 1000), shipping=750))
    given(PLACED, *gone).when(CancelOrder()).then_refused("order-already-cancelled")


def test_more_than_was_ordered_cannot_be_cancelled() -> None:
    given(PLACED).when(cancel(("1", 4))).then_refused(
        "quantity-exceeds-ordered", "line 1: 4 to cancel, 3 left"
    )
    given(PLACED, cancelled(("1", 2, 3800))).when(cancel(("1", 2))).then_refused(
        "quantity-exceeds-ordered", "2 to cancel, 1 left"
    )


def test_a_command_is_done_whole_or_not_at_all() -> None:
    given(PLACED).when(cancel(("2", 1), ("3", 1), ("4", 1))).then_refused("line-unknown", "3, 4")


def test_a_line_is_named_once_in_a_command() -> None:
    given(PLACED).when(cancel(("1", 1), ("1", 1))).then_refused("duplicate-line", "line 1")


def test_the_shipping_line_is_not_a_line_to_cancel() -> None:
    given(PLACED).when(cancel(("s", 1))).then_refused("line-unknown")


def test_an_event_of_a_line_that_is_not_there_changes_only_the_version() -> None:
    before = given(PLACED).order
    after = given(PLACED, cancelled(("9", 1, 0))).order
    assert before is not None
    assert after == replace(before, version=2, cancelled=(0, 0))
