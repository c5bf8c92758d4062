"""Authorise, capture, void: money is taken once, no more than is owed, and only while it is held."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from app.domain.payment.commands import (
    PaymentCommand,
    RecordAuthorizationExpired,
    RecordCaptureFailed,
    RecordPaymentDeclined,
    RecordVoidFailed,
)
from app.domain.payment.events import (
    PaymentAuthorizationRequested,
    PaymentCaptureRequested,
    PaymentVoidRequested,
)
from tests.domain.payment.scenario import (
    ENDED,
    NOON,
    ONE_LINE,
    PAID,
    authorize,
    authorized,
    capture,
    captured,
    given,
    owes,
    refund,
    refunded,
    void,
    voided,
)


def test_a_provider_is_told_all_that_it_needs() -> None:
    yen = owes(("A", 1, 500))
    yen = replace(yen, currency="JPY", exponent=0)
    asked = authorize(500, provider="stripe", method="pm_1", expires_at=NOON)
    assert given(owed=yen).says(asked) == (
        PaymentAuthorizationRequested(
            payment_id="p",
            amount=500,
            currency="JPY",
            exponent=0,
            provider="stripe",
            method="pm_1",
            expires_at=NOON,
        ),
    )
    held = given(asked, authorized(500, reference="pi_1"), owed=yen)
    assert held.says(capture(200)) == (
        PaymentCaptureRequested(
            payment_id="p",
            capture_id="c",
            amount=200,
            currency="JPY",
            exponent=0,
            provider="stripe",
            reference="pi_1",
        ),
    )
    assert held.says(void()) == (PaymentVoidRequested(payment_id="p", provider="stripe", reference="pi_1"),)


def test_money_moves_step_by_step() -> None:
    story = given(authorize())
    assert (story.total.held, story.total.open, story.status) == (10_000, 0, "none")
    story = story.ask(authorized())
    assert (story.total.held, story.total.open, story.status) == (10_000, 10_000, "authorised")
    story = story.ask(capture())
    assert (story.total.open, story.total.capturing, story.status) == (0, 10_000, "authorised")
    story = story.ask(captured())
    assert (story.total.held, story.total.captured, story.total.due, story.status) == (0, 10_000, 0, "paid")


def test_asking_again_changes_nothing() -> None:
    given(authorize()).already(authorize())
    given(authorize(), authorized(), capture()).already(authorize(), capture(), authorized())
    given(*PAID).already(*PAID)


def test_an_id_means_one_thing() -> None:
    story = given(*PAID)
    story.refuses(authorize(9999), "payment-id-reused", "10000")
    story.refuses(authorize(provider="stripe"), "payment-id-reused")
    story.refuses(capture(9999), "capture-id-reused", "10000")
    given(authorize(method="card")).refuses(authorize(method="transfer"), "payment-id-reused")
    two = given(authorize(5000), authorized(5000), authorize(5000, "q"), authorized(5000, "q"), capture(5000))
    two.refuses(capture(5000, payment_id="q"), "capture-id-reused")


def test_a_payment_that_the_provider_told_first_is_not_asked_for() -> None:
    told = given(authorized(provider="house"), captured())
    told.already(authorize(), capture())
    told.refuses(authorize(9000), "payment-id-reused")
    told.refuses(capture(9000), "capture-id-reused")


def test_no_more_is_authorised_than_the_order_costs() -> None:
    given().refuses(authorize(10_001), "payment-exceeds-order", "10000 is open")
    given(authorize(4000)).refuses(authorize(6001, "q"), "payment-exceeds-order", "6000 is open")
    given(authorize(4000)).ask(authorize(6000, "q"))
    given(*PAID).refuses(authorize(1, "q"), "payment-exceeds-order", "0 is open")


def test_an_amendment_is_authorised_before_it_is_confirmed_but_not_captured() -> None:
    story = given(*PAID).now(replace(ONE_LINE, proposed=500))
    story = story.ask(authorize(500, "q"), authorized(500, "q"))
    story.refuses(authorize(1, "r"), "payment-exceeds-order")
    story.refuses(capture(500, "d", "q"), "payment-exceeds-order", "0 is owed")
    assert story.voids == ()
    confirmed = story.now(owes(("A", 1, 10_000), ("B", 1, 500))).ask(capture(500, "d", "q"))
    rejected = story.now(ONE_LINE)
    assert (confirmed.voids, rejected.voids) == ((), ("q",))


@pytest.mark.parametrize(
    "gone",
    [
        RecordPaymentDeclined(payment_id="p"),
        RecordAuthorizationExpired(payment_id="p"),
        voided(),
    ],
)
def test_another_payment_takes_the_place_of_one_that_came_to_nothing(gone: PaymentCommand) -> None:
    given(authorize()).refuses(authorize(payment_id="q"), "payment-exceeds-order")
    given(authorize(), gone).ask(authorize(payment_id="q"))


def test_a_payment_about_to_be_voided_makes_room_for_another() -> None:
    given(authorize(), authorized(), void()).ask(authorize(payment_id="q"))


def test_a_refunded_payment_is_not_taken_again_unless_the_order_costs_more() -> None:
    back = given(*PAID, refund("r", 10_000), refunded("r", 10_000))
    back.refuses(authorize(1, "q"), "payment-exceeds-order")
    back.now(owes(("A", 1, 10_000), ("B", 1, 500))).ask(authorize(500, "q"))


def test_an_order_is_paid_by_several_payments_and_captures() -> None:
    story = given(authorize(6000), authorized(6000), authorize(4000, "q"), authorized(4000, "q"))
    assert story.status == "authorised"
    story = story.ask(capture(2000, "c1"), captured(2000, "c1"))
    assert (story.status, story.total.open) == ("partially-paid", 8000)
    story = story.ask(capture(4000, "c2"), capture(4000, "c3", "q"))
    story = story.ask(captured(4000, "c2"), captured(4000, "c3", "q"))
    assert (story.status, story.total.captured) == ("paid", 10_000)


def test_no_more_is_captured_than_is_authorised() -> None:
    held = given(authorize(6000), authorized(6000))
    held.refuses(capture(6001), "capture-exceeds-authorized", "6000 of payment p is open")
    held.ask(capture(4000)).refuses(capture(2001, "d"), "capture-exceeds-authorized", "2000")


def test_a_failed_capture_gives_the_room_back() -> None:
    held = given(authorize(), authorized(), capture())
    held.refuses(capture(1, "d"), "capture-exceeds-authorized")
    failed = held.ask(RecordCaptureFailed(payment_id="p", capture_id="c", code="processing_error"))
    assert failed.total.open == 10_000
    failed.already(capture())
    failed.ask(capture(10_000, "d"))


def test_a_failure_that_comes_after_the_success_changes_no_total() -> None:
    """C07: a provider's "already captured" is no failure, whatever it is called."""
    failed = RecordCaptureFailed(payment_id="p", capture_id="c", code="already_captured")
    assert given(*PAID, failed).total == given(*PAID).total == given(*PAID[:3], failed, PAID[3]).total


def test_no_more_is_captured_than_is_owed() -> None:
    held = given(authorize(), authorized()).now(owes(("A", 1, 10_000), shipping=0))
    fewer = held.now(replace(held.owed, lines=(replace(held.owed.lines[0], quantity=2, cancelled=1),)))
    fewer.refuses(capture(5001), "payment-exceeds-order", "5000 is owed")
    fewer.ask(capture(5000)).refuses(capture(1, "d"), "payment-exceeds-order", "0 is owed")
    rest = fewer.ask(capture(5000), captured(5000))
    assert (rest.status, rest.voids, rest.repays) == ("paid", ("p",), [])


def test_nothing_is_captured_that_is_not_held() -> None:
    given().refuses(capture(), "payment-unknown")
    given(authorize()).refuses(capture(), "payment-not-authorized")
    given(authorize(), RecordPaymentDeclined(payment_id="p")).refuses(capture(), "payment-not-authorized")
    held = given(authorize(), authorized())
    held.ask(void()).refuses(capture(), "payment-voided")
    held.ask(void(), voided()).refuses(capture(), "payment-voided")


def test_an_expired_authorisation_cannot_be_captured() -> None:
    held = given(authorize(), authorized(expires_at=NOON + timedelta(seconds=1))).ask(capture(5000))
    held.ask(RecordAuthorizationExpired(payment_id="p")).refuses(capture(1, "d"), "authorization-expired")
    late = given(authorize(), authorized(expires_at=NOON))
    late.refuses(capture(), "authorization-expired")
    assert late.ask(RecordAuthorizationExpired(payment_id="p")).total.open == 0


def test_nothing_is_taken_for_an_order_that_ended_or_was_never_placed() -> None:
    given(owed=ENDED).refuses(authorize(), "order-ended")
    given(authorize(), authorized()).now(ENDED).refuses(capture(), "order-ended")
    given(owed=replace(ONE_LINE, placed=False)).refuses(authorize(), "order-unknown")


def test_a_void_lets_go_what_is_held() -> None:
    story = given(authorize(), authorized(), void())
    story.already(void())
    story = story.ask(voided())
    story.already(void())
    assert (story.status, story.total.open, story.total.held) == ("voided", 0, 0)


def test_a_partial_capture_leaves_the_rest_to_a_void() -> None:
    story = given(authorize(), authorized(), capture(4000))
    story.refuses(void(), "capture-pending")
    story = story.ask(captured(4000), void(), voided())
    assert (story.total.captured, story.total.open, story.status) == (4000, 0, "partially-paid")


def test_there_is_nothing_to_void_where_nothing_is_held() -> None:
    given().refuses(void(), "payment-unknown")
    given(authorize()).refuses(void(), "payment-not-authorized")
    given(*PAID).refuses(void(), "payment-captured")
    given(authorize(), RecordPaymentDeclined(payment_id="p")).already(void())
    given(authorize(), authorized(), RecordAuthorizationExpired(payment_id="p")).already(void())


def test_a_void_that_failed_is_tried_again_under_another_number() -> None:
    tried = given(authorize(), authorized(), void(), RecordVoidFailed(payment_id="p"))
    assert tried.says(void()) == (PaymentVoidRequested(payment_id="p", attempt=2, provider="house"),)
    again = tried.ask(void())
    again.already(RecordVoidFailed(payment_id="p"), void())
    assert again.ask(RecordVoidFailed(payment_id="p", attempt=2)).total.open == 10_000
