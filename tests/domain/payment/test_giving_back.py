"""Grants promise money back, refunds move it: never more than was captured, line by line and cent by cent."""

from itertools import pairwise

import pytest
from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st
from msgspec.structs import replace

from app.domain.payment.commands import (
    Asked,
    RecordChargebackReversed,
    RecordDisputeOpened,
    RecordRefundFailed,
    RecordRefundReversed,
)
from app.domain.payment.events import Part, RefundGranted, RefundRequested
from app.domain.payment.goods import shipping_left
from app.domain.payment.state import OwedLine
from tests.domain.payment.scenario import (
    PAID,
    Story,
    authorize,
    authorized,
    capture,
    captured,
    given,
    grant,
    owes,
    paid,
    refund,
    refunded,
    units,
)

# Goods A and B, and shipping of 750 with its tax and its discount in it.
THIRDS = owes(("A", 3, 9000))
SHIPPED = owes(("A", 1, 4000), ("B", 1, 5000), shipping=750)


def amounts(story: Story, *parts: tuple[str, int]) -> tuple[int, Story]:
    """Refund units of lines by a refund of its own. Returns its amount."""
    refund_id = f"unit-{len(story.ledger.payments[0].refunds)}"
    (asked,) = story.says(refund(refund_id, 0, *parts))
    assert isinstance(asked, RefundRequested)
    return asked.amount, story.ask(refund(refund_id, 0, *parts), refunded(refund_id, asked.amount))


# --- C03: refunds race past the captured amount ---


def test_two_refunds_in_one_batch_cannot_take_more_than_was_captured() -> None:
    story = given(*PAID, refund("r1", 6000))
    story.refuses(refund("r2", 6000), "refund-exceeds-captured", "4000 is left")
    story.ask(refunded("r1", 6000)).refuses(refund("r2", 6000), "refund-exceeds-captured", "4000 is left")


def test_a_refund_of_everything_but_a_cent_leaves_a_cent() -> None:
    story = given(*PAID, refund("r1", 9999))
    story.refuses(refund("r2", 10_000), "refund-exceeds-captured", "1 is left")
    story.ask(refund("r2", 1)).refuses(refund("r3", 1), "refund-exceeds-captured")


def test_a_failed_refund_gives_the_room_back() -> None:
    failed = given(*PAID, refund("r1", 6000), RecordRefundFailed(payment_id="p", refund_id="r1"))
    assert failed.total.granted == 0
    failed.ask(refund("r2", 10_000))


def test_a_refund_that_came_back_gives_the_room_back() -> None:
    back = RecordRefundReversed(payment_id="p", refund_id="r1")
    story = given(*PAID, refund("r1", 6000), refunded("r1", 6000), back)
    assert (story.total.refunded, story.status) == (0, "paid")
    story.ask(refund("r2", 10_000))


def test_a_grant_counts_as_spent_before_it_moves() -> None:
    story = given(*PAID, grant("g1", amount=6000))
    story.refuses(grant("g2", amount=6000), "refund-exceeds-captured", "4000 is left")
    moved = story.ask(refund("r1", 6000))
    assert (moved.total.granted, moved.total.unmoved, moved.total.due) == (6000, 0, 0)
    moved.refuses(refund("r2", 6000), "refund-exceeds-captured")


def test_a_refund_takes_from_its_own_capture() -> None:
    two = given(authorize(), authorized(), capture(4000), captured(4000))
    two = two.ask(capture(6000, "d"), captured(6000, "d"))
    two.refuses(refund("r", 4001), "refund-exceeds-captured", "4000 of capture c is left")
    two.refuses(refund("r", 1, capture_id="x"), "capture-unknown")
    given(authorize(), authorized(), capture()).refuses(refund("r", 1), "refund-exceeds-captured")


def test_a_refund_made_elsewhere_counts() -> None:
    story = given(*PAID, refunded("re_1", 6000))
    story.refuses(refund("r1", 6000), "refund-exceeds-captured", "4000 is left")
    story.already(refund("re_1", 6000))
    story.refuses(refund("re_1", 5000), "refund-id-reused")


# --- C04: equal refunds are legitimate, a repeated refund is not ---


def test_equal_refunds_are_two_and_a_repeated_one_is_none() -> None:
    story = given(*PAID, refund("r1", 2500), refund("r2", 2500))
    assert story.total.refunding == 5000
    story.already(refund("r1", 2500))
    story.refuses(refund("r1", 3000), "refund-id-reused")
    story.refuses(refund("r1", 0, ("A", 1)), "refund-id-reused")
    story.refuses(refund("r1", 2500, capture_id="d"), "refund-id-reused")


def test_a_repeated_grant_is_none() -> None:
    story = given(*PAID, grant("g", amount=2500), grant("h", amount=2500))
    assert story.total.due == 5000
    story.already(grant("g", amount=2500))
    story.refuses(grant("g", amount=3000), "grant-id-reused", "2500")


# --- C09: refund of the n-th unit ---


@pytest.mark.parametrize(
    ("total", "steps", "worth"),
    [
        (5700, (1, 1, 1), [1900, 1900, 1900]),
        (1000, (1, 1, 1), [333, 334, 333]),
        (1000, (2, 1), [667, 333]),
        (1000, (3,), [1000]),
    ],
)
def test_units_are_worth_the_line_whatever_the_steps(
    total: int, steps: tuple[int, ...], worth: list[int]
) -> None:
    story = given(*paid(total), owed=owes(("A", 3, total)))
    got = []
    for quantity in steps:
        amount, story = amounts(story, ("A", quantity))
        got.append(amount)
    assert got == worth
    assert (story.total.refunded, story.status) == (total, "refunded")


def test_the_next_unit_closes_the_gap_of_a_refund_that_failed() -> None:
    story = given(
        *paid(1000), refund("r1", 0, ("A", 1)), refund("r2", 0, ("A", 1)), owed=owes(("A", 3, 1000))
    )
    story = story.ask(RecordRefundFailed(payment_id="p", refund_id="r1"))
    second, story = amounts(story, ("A", 1))
    third, story = amounts(story, ("A", 1))
    assert (second, third) == (333, 333)  # and r2 was 334


@settings(deadline=None, max_examples=200)
@forall(
    st.integers(1, 9),
    st.integers(1, 5000),
    st.lists(st.tuples(st.integers(1, 3), st.booleans()), max_size=8),
    st.integers(0, 8),
)
def test_no_sequence_of_refunds_and_failures_gives_more_than_the_line(
    quantity: int, total: int, steps: list[tuple[int, bool]], cancelled: int
) -> None:
    line = OwedLine(line_id="A", quantity=quantity, line_total=total, cancelled=min(cancelled, quantity - 1))
    owed = owes(line)
    if not owed.total:
        return
    story, left, number = given(*paid(owed.total), owed=owed), quantity - line.cancelled, 0
    for asked, fails in [*steps, (quantity, False)]:
        taken = min(asked, left)
        if not taken:
            continue
        number += 1
        (granted,) = story.says(grant(f"g{number}", ("A", taken)))
        assert isinstance(granted, RefundGranted)
        if granted.amount == 0:
            story, left = story.ask(grant(f"g{number}", ("A", taken))), left - taken
            continue
        story = story.ask(refund(f"r{number}", 0, ("A", taken)))
        if fails:
            story = story.ask(RecordRefundFailed(payment_id="p", refund_id=f"r{number}"))
        else:
            story, left = story.ask(refunded(f"r{number}", granted.amount)), left - taken
    assert not left
    story.refuses(refund("last", 0, ("A", 1)), "refund-exceeds-line", "0 left")
    assert story.total.refunded == owed.total


def test_no_more_units_are_refunded_than_were_ordered_and_kept() -> None:
    story = given(*paid(5700), owed=owes(OwedLine(line_id="A", quantity=4, line_total=7600, cancelled=1)))
    story.refuses(refund("r", 0, ("A", 4)), "refund-exceeds-line", "line A: 4 to refund, 3 left")
    story.ask(refund("r", 0, ("A", 2))).refuses(grant("g", ("A", 2)), "refund-exceeds-line", "1 left")


def test_a_line_must_be_there_and_named_once() -> None:
    story = given(*PAID)
    story.refuses(grant("g", ("A", 1), ("A", 1)), "duplicate-line")
    story.refuses(refund("r", 0, ("X", 1), ("Y", 1)), "line-unknown", "X, Y")


# --- C10: an order discount after a line goes away ---


def test_a_cancelled_line_gives_back_what_was_paid_for_it_and_the_other_keeps_its_discount() -> None:
    both = given(*paid(18_000), owed=owes(("A", 1, 9000), ("B", 1, 9000)))
    b_cancelled = owes(("A", 1, 9000), OwedLine(line_id="B", quantity=1, line_total=9000, cancelled=1))
    story = both.now(b_cancelled)
    assert (story.status, story.repays) == ("overcharged", [("c", 9000)])
    story = story.ask(refund("r1", 9000), refunded("r1", 9000))
    assert (story.status, story.repays) == ("partially-refunded", [])
    amount, story = amounts(story, ("A", 1))
    assert (amount, story.status) == (9000, "refunded")


def test_what_was_given_for_a_line_before_it_was_cancelled_is_not_given_again() -> None:
    goodwill = given(*paid(9000), grant("g", amount=500), owed=owes(("B", 1, 9000)))
    story = goodwill.ask(refund("r", 500), refunded("r", 500))
    gone = story.now(owes(OwedLine(line_id="B", quantity=1, line_total=9000, cancelled=1)))
    assert gone.repays == [("c", 8500)]


# --- C11: shipping and fees ---


def test_shipping_is_a_line_of_its_own_that_goes_back_once() -> None:
    story = given(*paid(9750), owed=SHIPPED)
    assert story.says(refund("r1", 0, ("A", 1), shipping=750)) == (
        RefundRequested(
            payment_id="p",
            refund_id="r1",
            capture_id="c",
            asked=Asked(lines=units(("A", 1)), shipping=750),
            lines=(Part(line_id="A", quantity=1, amount=4000),),
            shipping=750,
            amount=4750,
            currency="EUR",
            provider="house",
        ),
    )
    story = story.ask(refund("r1", 0, ("A", 1), shipping=750))
    assert shipping_left(story.owed, story.ledger) == 0
    story.refuses(refund("r2", 0, shipping=1), "refund-exceeds-shipping", "0 of it is left")
    amount, story = amounts(story, ("B", 1))
    assert amount == 5000
    assert story.total.kept == 0


def test_shipping_goes_back_in_parts() -> None:
    story = given(*paid(9750), grant("g", shipping=500), owed=SHIPPED)
    assert shipping_left(story.owed, story.ledger) == 250
    story.refuses(grant("h", shipping=251), "refund-exceeds-shipping", "251 of shipping, 250 of it is left")
    story.ask(grant("h", shipping=250))


def test_a_return_fee_makes_a_refund_smaller_but_never_negative() -> None:
    story = given(*paid(9750), owed=SHIPPED)
    (granted,) = story.says(grant("g", ("A", 1), shipping=750, fee=300, reason="return rt-1"))
    assert granted == RefundGranted(
        grant_id="g",
        asked=Asked(lines=units(("A", 1)), shipping=750, fee=300),
        lines=(Part(line_id="A", quantity=1, amount=4000),),
        shipping=750,
        fee=300,
        amount=4450,
        reason="return rt-1",
    )
    story = story.ask(grant("g", ("A", 1), shipping=750, fee=300))
    assert (story.total.due, story.total.need) == (4450, 5300)
    (whole,) = story.says(grant("h", ("B", 1), fee=9999))
    assert isinstance(whole, RefundGranted)
    assert (whole.fee, whole.amount) == (5000, 0)


# --- free amounts ---


def test_a_free_amount_is_shared_by_what_is_left_of_each_line() -> None:
    story = given(*paid(10_000), owed=owes(("A", 1, 6000), ("B", 2, 3000), shipping=1000))
    (granted,) = story.says(grant("g", amount=1000))
    assert isinstance(granted, RefundGranted)
    assert granted.lines == (Part(line_id="A", amount=667), Part(line_id="B", amount=333))
    story = story.ask(grant("g", ("B", 1), amount=8000))
    assert story.ledger.grants[0].lines == (
        Part(line_id="B", quantity=1, amount=1500),
        Part(line_id="A", amount=6000),
        Part(line_id="B", amount=1500),
    )
    assert story.ledger.grants[0].shipping == 500
    (last,) = story.says(grant("h", ("B", 1)))
    assert isinstance(last, RefundGranted)
    assert last.amount == 0  # its worth went with the free amount


def test_a_refund_of_an_amount_moves_first_what_is_owed_and_grants_the_rest() -> None:
    story = given(*PAID, grant("g", amount=3000))
    (asked,) = story.says(refund("r", 4000))
    assert isinstance(asked, RefundRequested)
    assert (asked.owed, asked.of_grants, asked.lines) == (3000, 3000, (Part(line_id="A", amount=1000),))
    story = story.ask(refund("r", 4000))
    assert (story.total.granted, story.total.due) == (4000, 0)


def test_a_granted_amount_goes_back_though_the_order_is_not_paid_whole() -> None:
    part = owes(("A", 1, 5000), ("B", 1, 5000))
    story = given(authorize(), authorized(), capture(5000), captured(5000), grant("g", ("A", 1)), owed=part)
    assert (story.repays, story.voids) == ([("c", 5000)], ())
    story = story.ask(refund("r", 5000), refunded("r", 5000))
    assert (story.repays, story.total.need) == ([], 5000)
    story.ask(capture(5000, "d")).refuses(capture(1, "e"), "capture-exceeds-authorized")


def test_a_refund_of_nothing_is_none() -> None:
    story = given(*PAID)
    story.refuses(grant("g", fee=100), "refund-empty")
    story.refuses(refund("r"), "refund-empty")
    free = given(*PAID, owed=owes(("A", 1, 10_000), ("gift", 1, 0)))
    free.ask(grant("g", ("gift", 1)))
    free.refuses(refund("r", 0, ("gift", 1)), "refund-empty", "nothing")


# --- disputes ---


def test_a_dispute_may_take_more_than_was_paid_and_leaves_nothing_to_refund() -> None:
    opened = RecordDisputeOpened(payment_id="p", dispute_id="d", amount=10_500)
    story = given(*PAID, opened)
    assert (story.status, story.total.kept, story.repays) == ("disputed", -500, [])
    story.refuses(refund("r", 1), "refund-exceeds-captured", "0 is left")
    story.refuses(grant("g", amount=1), "refund-exceeds-captured")
    won = story.ask(RecordChargebackReversed(payment_id="p", dispute_id="d"))
    assert (won.status, won.total.kept) == ("paid", 10_000)
    won.already(opened)


def test_a_grant_waits_while_the_money_is_disputed() -> None:
    story = given(*PAID, grant("g", amount=4000))
    disputed = story.ask(RecordDisputeOpened(payment_id="p", dispute_id="d", amount=8000))
    assert (disputed.total.due, disputed.repays) == (2000, [("c", 2000)])
    assert disputed.ask(RecordChargebackReversed(payment_id="p", dispute_id="d")).repays == [("c", 4000)]


def test_what_is_owed_is_spread_over_the_captures_that_have_room() -> None:
    thirds = given(authorize(9000), authorized(9000), owed=THIRDS)
    for name in "cde":
        thirds = thirds.ask(capture(3000, name), captured(3000, name))
    story = thirds.ask(refund("r", 1000, capture_id="d"), refunded("r", 1000), refunded("re_1", 500))
    ended = story.now(replace(THIRDS, ended=True))
    assert ended.repays == [("c", 3000), ("d", 2000), ("e", 2500)]
    assert sum(amount for _, amount in ended.repays) == ended.total.due


def two_payments() -> Story:
    """Return p with captures c and d, q with capture e, of 3000 each."""
    story = given(authorize(6000), authorized(6000), authorize(3000, "q"), authorized(3000, "q"), owed=THIRDS)
    for name, payment_id in (("c", "p"), ("d", "p"), ("e", "q")):
        story = story.ask(capture(3000, name, payment_id), captured(3000, name, payment_id))
    return story


def test_a_refund_of_no_known_capture_leaves_less_on_all_captures_of_its_payment() -> None:
    story = two_payments().ask(refunded("re_1", 4000))
    story.refuses(refund("r", 2500), "refund-exceeds-captured", "2000 of capture c is left")
    story.ask(refund("r", 2500, capture_id="e"))
    assert story.now(replace(THIRDS, ended=True)).repays == [("c", 2000), ("e", 3000)]
    less = two_payments().ask(refunded("re_1", 2000)).now(replace(THIRDS, ended=True))
    assert less.repays == [("c", 3000), ("d", 1000), ("e", 3000)]


def test_a_dispute_takes_from_its_own_payment() -> None:
    story = two_payments().ask(RecordDisputeOpened(payment_id="p", dispute_id="d", amount=6000))
    assert story.now(replace(THIRDS, ended=True)).repays == [("e", 3000)]


def test_cumulative_worth_never_falls() -> None:
    story = given(*paid(7), owed=owes(("A", 9, 7)))
    worth = []
    for n in range(1, 10):
        (granted,) = story.says(grant("g", ("A", n)))
        assert isinstance(granted, RefundGranted)
        worth.append(granted.amount)
    assert worth[-1] == 7
    assert all(a <= b for a, b in pairwise(worth))
