"""Changing what was ordered: proposed, settled, confirmed or rejected."""

from typing import Any

from msgspec.structs import replace

from app.domain.bounds import AMOUNT_LIMIT, LINES_LIMIT
from app.domain.order import commands, events
from app.domain.order.commands import LineQuantity, Units, UnitsToCancel
from app.domain.order.events import UnitsCancelled
from app.domain.order.owed import owed
from app.domain.order.statuses import order_status
from app.domain.payment import commands as pay
from tests.domain.scenario import NOON, When, added, after, given, line, order, placed, shipping

PLACED = placed(line("1", 3, 1900), line("2", 2, 500), shipping=(shipping(750),))
MORE = added(line("3", 1, 700))
CONFIRM = commands.ConfirmAmendment(amendment_id="a")
REJECT = commands.RejectAmendment(amendment_id="a", reason="too dear")
RESERVED = commands.RecordReservation(line_id="1", reserved=3, revision=1)
PAID = (
    pay.AuthorizePayment(payment_id="p", amount=7450),
    pay.RecordPaymentAuthorized(payment_id="p", amount=7450),
)
PAID_LESS = (
    pay.AuthorizePayment(payment_id="p", amount=6950),
    pay.RecordPaymentAuthorized(payment_id="p", amount=6950),
)
MORE_PAID = (
    pay.AuthorizePayment(payment_id="q", amount=700),
    pay.RecordPaymentAuthorized(payment_id="q", amount=700),
)


def propose(difference: int, **changes: Any) -> commands.ProposeAmendment:
    return commands.ProposeAmendment(amendment_id="a", difference=difference, **changes)


def fewer(line_id: str, quantity: int) -> tuple[LineQuantity, ...]:
    return (LineQuantity(line_id=line_id, quantity=quantity),)


def cancel(line_id: str, quantity: int) -> commands.CancelLines:
    return commands.CancelLines(lines=(UnitsToCancel(line_id=line_id, quantity=quantity),))


ADD = propose(700, lines=MORE)


def test_a_proposal_changes_nothing_yet() -> None:
    one = given(PLACED).when(ADD).then(events.AmendmentProposed(amendment_id="a", lines=MORE, difference=700))
    assert one is not None
    assert len(one.facts.lines) == 2
    assert (owed(one).total, owed(one).proposed) == (7450, 700)
    When(one, ADD).then()
    When(one, replace(ADD, reason="other")).then_refused("amendment-id-reused")


def test_what_is_added_is_a_part_of_the_order_then() -> None:
    one = When(after(PLACED, cancel("2", 1), RESERVED, *PAID_LESS, ADD, *MORE_PAID), CONFIRM).then(
        events.AmendmentConfirmed(amendment_id="a", lines=MORE, difference=700)
    )
    assert one is not None
    assert [each.line_id for each in one.facts.lines] == ["1", "2", "3"]
    assert one.facts.totals.total == 8150
    assert (one.cancelled, one.cancelled_amount, owed(one).total) == ((0, 1, 0), 500, 7650)
    assert [units.reserved for units in one.units] == [3, 0, 0]
    assert (owed(one).proposed, one.amendments[0].confirmed) == (0, True)
    When(one, CONFIRM).then()
    When(one, REJECT).then_refused("amendment-confirmed")


def test_an_order_of_which_nothing_was_cancelled_stays_so() -> None:
    one = after(PLACED, *PAID, ADD, *MORE_PAID, CONFIRM)
    assert (one.cancelled, one.units) == ((), ())


def test_what_is_added_must_be_authorised_or_paid() -> None:
    When(after(PLACED, ADD), CONFIRM).then_refused("amendment-not-covered", saying="8150 is neither")
    When(after(PLACED, *PAID, ADD), CONFIRM).then_refused("amendment-not-covered", saying="700 is neither")
    captured = pay.RecordPaymentCaptured(payment_id="q", capture_id="k", amount=700)
    after(PLACED, *PAID, ADD, captured, CONFIRM)


def test_what_is_proposed_can_be_authorised_and_no_more() -> None:
    one = after(PLACED, *PAID, ADD)
    When(one, pay.AuthorizePayment(payment_id="q", amount=701)).then_refused("payment-exceeds-order")


def test_fewer_units_are_cancelled_at_their_price() -> None:
    less = propose(-4300, quantities=fewer("1", 1) + fewer("2", 1))
    one = When(after(PLACED, less), CONFIRM).then(
        events.AmendmentConfirmed(
            amendment_id="a",
            cancelled=(
                UnitsCancelled(line_id="1", quantity=2, amount=3800),
                UnitsCancelled(line_id="2", quantity=1, amount=500),
            ),
            difference=-4300,
        )
    )
    assert one is not None
    assert (one.cancelled, one.cancelled_amount, owed(one).total) == ((2, 1), 4300, 3150)


def test_a_line_is_removed_and_another_comes_in_its_place() -> None:
    swap = propose(-300, lines=MORE, quantities=fewer("2", 0) + fewer("1", 3))
    one = after(PLACED, swap, CONFIRM)
    assert (one.cancelled, owed(one).total) == ((0, 2, 0), 7150)


def test_shipping_can_be_added() -> None:
    express = order(shipping=(shipping(250, "t"),)).shipping
    one = after(
        PLACED,
        *PAID,
        propose(250, shipping=express),
        pay.AuthorizePayment(payment_id="q", amount=250),
        pay.RecordPaymentAuthorized(payment_id="q", amount=250),
        CONFIRM,
    )
    assert (one.facts.totals.shipping, owed(one).total) == (1000, 7700)


def test_every_unit_can_be_exchanged_for_others() -> None:
    swap = propose(700 - 6700, lines=MORE, quantities=fewer("1", 0) + fewer("2", 0))
    one = after(PLACED, swap, CONFIRM)
    assert order_status(one) == "placed"
    assert owed(one).total == 1450


def test_the_difference_must_be_what_the_facts_give() -> None:
    given(PLACED).when(propose(701, lines=MORE)).then_refused(
        "totals-differ", saying="/difference is 701, but the facts give 700"
    )
    wrong = (replace(MORE[0], line_total=699),)
    given(PLACED).when(propose(699, lines=wrong)).then_refused("totals-differ", saying="/lines/0/line_total")


def test_a_line_gets_no_more_units() -> None:
    given(PLACED).when(propose(0, quantities=fewer("1", 4))).then_refused("quantity-exceeds-ordered")
    given(PLACED).when(propose(0, quantities=fewer("x", 1))).then_refused("line-unknown")
    given(PLACED).when(propose(1900, lines=added(line("1", 1, 1900)))).then_refused("duplicate-line")
    given(PLACED).when(propose(0, quantities=fewer("1", 1) * 2)).then_refused("duplicate-line")


def test_units_that_left_stay() -> None:
    gone = commands.ShipOrder(
        shipment_id="s", lines=(Units(line_id="1", quantity=2),), reason="by hand", at=NOON
    )
    When(after(PLACED, gone), propose(-3800, quantities=fewer("1", 1))).then_refused("order-shipped")
    after(PLACED, gone, propose(-1900, quantities=fewer("1", 2)), CONFIRM)


def test_a_change_must_change_something_and_leave_something() -> None:
    given(PLACED).when(propose(0, quantities=fewer("1", 3))).then_refused("amendment-empty")
    nothing = fewer("1", 0) + fewer("2", 0)
    given(PLACED).when(propose(-6700, quantities=nothing)).then_refused("amendment-empty", saying="cancel")


def test_an_order_does_not_grow_without_bounds() -> None:
    many = added(*[line(f"x{i}", 1, 0) for i in range(LINES_LIMIT - 1)])
    given(PLACED).when(propose(0, lines=many)).then_refused("order-too-large", saying="2000 lines")
    dear = added(line("3", 1, AMOUNT_LIMIT - 7450))
    given(PLACED).when(propose(AMOUNT_LIMIT - 7450, lines=dear)).then_refused(
        "order-too-large", saying="total"
    )


def test_one_amendment_is_open_at_a_time() -> None:
    other = replace(ADD, amendment_id="b")
    When(after(PLACED, ADD), other).then_refused("amendment-open", saying="amendment a")
    after(PLACED, ADD, REJECT, other)


def test_a_rejected_amendment_stays_rejected() -> None:
    one = When(after(PLACED, ADD), REJECT).then(events.AmendmentRejected(amendment_id="a", reason="too dear"))
    assert one is not None
    assert owed(one).proposed == 0
    When(one, REJECT).then()
    When(one, CONFIRM).then_refused("amendment-rejected")
    for command in (CONFIRM, REJECT):
        given(PLACED).when(command).then_refused("amendment-unknown")


def test_a_proposal_that_the_order_has_outgrown_is_not_confirmed() -> None:
    odd = placed(line("1", 3, 1000, order_discount_share=2000))
    less = propose(-667, quantities=fewer("1", 1))
    When(after(odd, less, cancel("1", 1)), CONFIRM).then_refused(
        "amendment-outdated", saying="-334 more, not -667"
    )
    When(after(odd, less, cancel("1", 3)), CONFIRM).then_refused("order-already-cancelled")
    When(after(odd, less, cancel("1", 3)), REJECT).then(
        events.AmendmentRejected(amendment_id="a", reason="too dear")
    )
    When(after(odd, cancel("1", 3)), less).then_refused("order-already-cancelled")
