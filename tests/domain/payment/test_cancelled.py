"""C01: an order ends while its payment is on the way. Whatever comes late, the money goes back, by one way."""

from itertools import permutations

import pytest

from app.domain.payment.commands import (
    PaymentCommand,
    RecordAuthorizationExpired,
    RecordCaptureFailed,
    RecordRefundFailed,
    RecordVoidFailed,
)
from app.domain.payment.settlement import awaited
from tests.domain.payment.scenario import (
    ENDED,
    ONE_LINE,
    PAID,
    Story,
    authorize,
    authorized,
    capture,
    captured,
    given,
    grant,
    owes,
    refund,
    refunded,
    void,
    voided,
)

REQUESTED = given(authorize(), authorized(), capture()).ledger


def settle(story: Story) -> tuple[Story, list[str]]:
    """Do what is to be done about an ended order until nothing is left. Returns what was done."""
    done: list[str] = []
    while story.voids or story.repays:
        for payment_id in story.voids:
            done.append(f"void {payment_id}")
            story = story.ask(void(payment_id), voided(payment_id))
        for capture_id, amount in story.repays:
            name = f"refund {amount} of {capture_id}"
            done.append(name)
            story = story.ask(refund(name, amount, capture_id=capture_id))
            story = story.ask(refunded(name, amount, story.ledger.payments[0].payment_id))
    return story, done


@pytest.mark.parametrize("order", list(permutations(["cancel", "authorized", "captured"])))
@pytest.mark.parametrize("times", [1, 2])
def test_a_captured_payment_of_a_cancelled_order_is_refunded_once_in_every_order(
    order: tuple[str, ...], times: int
) -> None:
    story = given(authorize())
    facts: dict[str, PaymentCommand] = {"authorized": authorized(), "captured": captured()}
    for step in [each for each in order for _ in range(times)]:
        story = story.now(ENDED) if step == "cancel" else story.ask(facts[step])
    assert (story.voids, story.repays) == ((), [("c", 10_000)])
    assert story.status == "overcharged"
    story, done = settle(story)
    assert done == ["refund 10000 of c"]
    assert (story.status, story.total.kept) == ("refunded", 0)


@pytest.mark.parametrize("cancelled_first", [False, True])
def test_an_authorised_payment_of_a_cancelled_order_is_voided_once(*, cancelled_first: bool) -> None:
    story = given(authorize())
    story = story.now(ENDED).ask(authorized()) if cancelled_first else story.ask(authorized()).now(ENDED)
    story, done = settle(story)
    assert (done, story.status) == (["void p"], "voided")


def test_a_refused_void_turns_into_a_refund() -> None:
    story = given(authorize(), authorized(), capture()).now(ENDED)
    assert (story.voids, story.repays) == ((), [])  # the capture has no answer yet
    late = given(authorize(), authorized()).now(ENDED).ask(void())
    answers: list[PaymentCommand] = [captured(), RecordVoidFailed(payment_id="p", code="already_captured")]
    for facts in permutations(answers):
        assert late.ask(*facts).voids == ()
        assert late.ask(*facts).repays == [("c", 10_000)]


def test_a_void_that_was_refused_for_no_capture_is_tried_again() -> None:
    story = given(authorize(), authorized()).now(ENDED).ask(void())
    assert story.voids == ()
    assert story.ask(RecordVoidFailed(payment_id="p")).voids == ("p",)


def test_a_capture_under_way_is_waited_for() -> None:
    under_way = Story(ENDED, REQUESTED)
    assert (under_way.voids, under_way.repays) == ((), [])
    assert under_way.ask(captured()).repays == [("c", 10_000)]
    failed = under_way.ask(RecordCaptureFailed(payment_id="p", capture_id="c"))
    assert (failed.voids, failed.repays) == (("p",), [])
    part = given(authorize(), authorized(), capture(4000)).now(ENDED)
    assert part.voids == ()
    assert (part.ask(captured(4000)).voids, part.ask(captured(4000)).repays) == (("p",), [("c", 4000)])


def test_a_refund_that_failed_is_owed_again() -> None:
    story = given(*PAID).now(ENDED).ask(refund("r1", 10_000))
    assert story.repays == []
    assert story.ask(RecordRefundFailed(payment_id="p", refund_id="r1")).repays == [("c", 10_000)]


def test_each_payment_of_an_ended_order_goes_its_own_way() -> None:
    story = given(
        *[authorize(2500, name) for name in "pqrs"],
        *[authorized(2500, name) for name in "pqs"],
        capture(2500),
        captured(2500),
        capture(1000, "d", "q"),
        captured(1000, "d", "q"),
        RecordAuthorizationExpired(payment_id="s"),
    ).now(ENDED)
    assert story.voids == ("q",)  # the rest that was not captured
    assert story.repays == [("c", 2500), ("d", 1000)]
    assert waiting(story) == [("authorization", "r", "r", 2500)]


def test_what_was_refunded_before_is_not_refunded_again() -> None:
    before = given(*PAID, refund("r", 2500), refunded("r", 2500)).now(ENDED)
    assert before.repays == [("c", 7500)]
    told = given(*PAID, refunded("re_1", 4000)).now(ENDED)
    assert told.repays == [("c", 6000)]


def test_a_fee_that_was_agreed_stays_with_us_until_it_is_given_back() -> None:
    fee = given(*PAID, grant("g", amount=1000, fee=300)).now(ENDED)
    assert fee.repays == [("c", 9700)]
    all_of_it = fee.ask(refund("r", 10_000), refunded("r", 10_000))
    assert (all_of_it.repays, all_of_it.status, all_of_it.total.need) == ([], "refunded", 0)


def test_a_payment_before_its_order_is_kept_until_there_is_one() -> None:
    early = given(authorized(), captured(4000), owed=owes(placed=False))
    assert (early.voids, early.repays, early.total.due) == ((), [], 0)
    early.refuses(grant("g", amount=1), "order-unknown")
    assert early.now(ONE_LINE).status == "partially-paid"
    early.ask(refund("r", 4000), refunded("r", 4000))


def test_what_has_no_answer_is_named() -> None:
    assert waiting(given(authorize())) == [("authorization", "p", "p", 10_000)]
    assert waiting(Story(ONE_LINE, REQUESTED)) == [("capture", "p", "c", 10_000)]
    assert waiting(given(authorize(), authorized(), void())) == [("void", "p", "1", 10_000)]
    assert waiting(given(*PAID, refund("r", 1))) == [("refund", "p", "r", 1)]
    assert waiting(given(*PAID)) == []


def waiting(story: Story) -> list[tuple[str, str, str, int]]:
    return [(each.movement.value, each.payment_id, each.id, each.amount) for each in awaited(story.ledger)]
