"""What the API of Stripe's shape answers is told as facts: done, refused for good, not yet, or ask again."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.domain.payment.commands import (
    ProviderFact,
    RecordCaptureFailed,
    RecordPaymentAuthorized,
    RecordPaymentCaptured,
    RecordPaymentDeclined,
    RecordPaymentVoided,
    RecordRefundFailed,
    RecordRefundSucceeded,
    RecordVoidFailed,
)
from app.domain.refused import Refused
from app.effects.calls import Call
from app.effects.provider import Denied
from app.effects.stripe.answers import Again, Misused, check, facts_of, found
from app.effects.stripe.webhooks import facts_of_notice, notice_of
from tests.domain.payment.scenario import ENDED, Story, authorize, authorized, capture, given, void
from tests.effects.stories import AUTHORIZE, CAPTURE, REFUND, VOID

VOIDED = RecordPaymentVoided(payment_id="p", provider="stripe")


def intent(status: str, received: int = 0, **fields: Any) -> dict[str, Any]:
    """Return a PaymentIntent as the API writes it, as far as it is read."""
    return {
        "id": "pi_1",
        "object": "payment_intent",
        "status": status,
        "amount": 10_000,
        "amount_received": received,
        "amount_capturable": 10_000 if status == "requires_capture" else 0,
        "latest_charge": {"id": "ch_1"},
        "metadata": {},
        **fields,
    }


def unexpected(payment_intent: dict[str, Any]) -> dict[str, Any]:
    return {"error": {"code": "payment_intent_unexpected_state", "payment_intent": payment_intent}}


def taken(amount: int = 10_000, capture_id: str = "c") -> RecordPaymentCaptured:
    return RecordPaymentCaptured(
        payment_id="p", capture_id=capture_id, amount=amount, provider="stripe", reference="ch_1"
    )


def test_money_that_is_held_is_told_with_its_end() -> None:
    charge = {"id": "ch_1", "payment_method_details": {"card": {"capture_before": 1_800_000_000}}}
    (fact,) = facts_of(AUTHORIZE, 200, intent("requires_capture", latest_charge=charge))
    assert fact == RecordPaymentAuthorized(
        payment_id="p",
        amount=10_000,
        provider="stripe",
        method="pm_card_visa",
        reference="pi_1",
        expires_at=datetime.fromtimestamp(1_800_000_000, UTC),
    )
    for endless in ({"id": "ch_1"}, "ch_1", None):
        (fact,) = facts_of(AUTHORIZE, 200, intent("requires_capture", latest_charge=endless))
        assert isinstance(fact, RecordPaymentAuthorized)
        assert fact.expires_at is None


def test_a_declined_card_is_a_definite_no() -> None:
    body = {
        "error": {
            "type": "card_error",
            "code": "card_declined",
            "decline_code": "lost_card",
            "message": "No.",
        }
    }
    assert facts_of(AUTHORIZE, 402, body) == (
        RecordPaymentDeclined(payment_id="p", code="lost_card", detail="No."),
    )
    failing = intent("requires_payment_method", last_payment_error={"code": "card_declined"})
    assert facts_of(AUTHORIZE, 200, failing) == (RecordPaymentDeclined(payment_id="p", code="card_declined"),)
    gone = intent("canceled", cancellation_reason="abandoned")
    assert facts_of(AUTHORIZE, 200, gone) == (RecordPaymentDeclined(payment_id="p", code="abandoned"),)


@pytest.mark.parametrize("status", ["requires_action", "processing", "requires_confirmation"])
def test_what_waits_for_the_customer_is_no_fact_yet(status: str) -> None:
    assert facts_of(AUTHORIZE, 200, intent(status)) == ()


def test_a_capture_is_told_with_what_was_taken() -> None:
    done = intent("succeeded", 10_000, metadata={"capture_id": "c"})
    assert facts_of(CAPTURE, 200, done) == (taken(),)


def test_a_partial_capture_lets_the_rest_go() -> None:
    part = intent("succeeded", 4000, metadata={"capture_id": "c"})
    assert facts_of(CAPTURE, 200, part) == (taken(4000), VOIDED)
    assert facts_of(CAPTURE, 200, {**part, "amount_capturable": 6000}) == (taken(4000),)


def test_already_captured_is_success() -> None:
    done = unexpected(intent("succeeded", 10_000, metadata={"capture_id": "c"}))
    assert facts_of(CAPTURE, 400, done) == (taken(),)


@pytest.mark.parametrize(("metadata", "capture_id"), [({"capture_id": "d"}, "d"), ({}, "ch_1")])
def test_what_another_capture_took_is_told_as_that_and_counts_once(
    metadata: dict[str, str], capture_id: str
) -> None:
    document = intent("succeeded", 10_000, metadata=metadata)
    told = facts_of(CAPTURE, 400, unexpected(document))
    assert told == (
        RecordCaptureFailed(payment_id="p", capture_id="c", code="captured_by_another"),
        taken(capture_id=capture_id),
    )
    notice = notice_of(
        {"id": "evt_1", "type": "payment_intent.succeeded", "created": 0, "data": {"object": document}}
    )
    assert notice is not None
    story = given(authorize(), authorized(), capture()).ask(*told, *facts_of_notice(notice, "p"))
    assert (story.total.captured, story.status) == (10_000, "paid")


def test_a_capture_of_what_was_let_go_fails() -> None:
    assert facts_of(CAPTURE, 400, unexpected(intent("canceled"))) == (
        RecordCaptureFailed(payment_id="p", capture_id="c", code="payment_intent_canceled"),
        VOIDED,
    )


def test_already_voided_is_success() -> None:
    assert facts_of(VOID, 200, intent("canceled")) == (VOIDED,)
    assert facts_of(VOID, 400, unexpected(intent("canceled"))) == (VOIDED,)
    rest_is_free = intent("succeeded", 4000, metadata={"capture_id": "c"})
    assert facts_of(VOID, 400, unexpected(rest_is_free)) == (VOIDED, taken(4000))


def test_a_void_of_what_was_captured_fails_and_tells_the_capture() -> None:
    """C01: the ledger hears of both, so that a refund is owed."""
    body = unexpected(intent("succeeded", 10_000))
    failure = RecordVoidFailed(payment_id="p", code="payment_intent_captured")
    assert facts_of(VOID, 400, body) == (failure, taken(capture_id="ch_1"))
    story = given(authorize(), authorized()).now(ENDED).ask(void())
    told = story.ask(*facts_of(VOID, 400, body))
    assert (told.voids, told.repays) == ((), [("ch_1", 10_000)])


def test_a_refund_is_told_when_it_is_done() -> None:
    done = {"id": "re_1", "status": "succeeded", "amount": 2500}
    assert facts_of(REFUND, 200, done) == (
        RecordRefundSucceeded(
            payment_id="p", refund_id="r", amount=2500, capture_id="c", provider="stripe", reference="re_1"
        ),
    )
    assert facts_of(REFUND, 200, {**done, "status": "pending"}) == ()
    failed = {**done, "status": "failed", "failure_reason": "lost_or_stolen_card"}
    assert facts_of(REFUND, 200, failed) == (
        RecordRefundFailed(payment_id="p", refund_id="r", code="lost_or_stolen_card"),
    )
    over = {
        "error": {"type": "invalid_request_error", "code": "charge_already_refunded", "message": "x" * 900}
    }
    (fact,) = facts_of(REFUND, 400, over)
    assert isinstance(fact, RecordRefundFailed)
    assert (fact.code, len(fact.detail)) == ("charge_already_refunded", 500)


@pytest.mark.parametrize("call", [AUTHORIZE, CAPTURE, VOID, REFUND])
def test_any_other_refusal_is_a_failure_with_the_api_s_code(call: Call) -> None:
    (fact,) = facts_of(call, 404, {"error": {"type": "invalid_request_error", "code": "resource_missing"}})
    assert getattr(fact, "code", "") == "resource_missing"
    (fact,) = facts_of(call, 418, {})
    assert getattr(fact, "code", "") == "418"


def test_a_look_up_finds_the_refund_by_our_id() -> None:
    refunds = [
        {"id": "re_1", "status": "succeeded", "amount": 2500, "metadata": {"refund_id": "other"}},
        {"id": "re_2", "status": "succeeded", "amount": 2500, "metadata": {"refund_id": "r"}},
        {"id": "re_3", "status": "succeeded", "amount": 2500, "metadata": None},
    ]
    (fact,) = found(REFUND, {"data": refunds}) or ()
    assert isinstance(fact, RecordRefundSucceeded)
    assert fact.reference == "re_2"
    assert found(REFUND, {"data": refunds[:1]}) is found(REFUND, {}) is None


def test_a_look_up_of_what_was_not_done_shows_nothing() -> None:
    assert found(CAPTURE, intent("requires_capture")) is found(VOID, intent("requires_capture")) is None
    assert found(CAPTURE, intent("succeeded", 10_000, metadata={"capture_id": "c"})) == (taken(),)


def test_a_look_up_tells_what_is_under_way_from_what_was_never_made() -> None:
    """Else a refund that is pending would be made again, under a key that the API has forgotten."""
    pending = {"id": "re_2", "status": "pending", "amount": 2500, "metadata": {"refund_id": "r"}}
    assert found(REFUND, {"data": [pending]}) == ()
    assert found(CAPTURE, intent("processing")) == found(VOID, intent("processing")) == ()


def test_an_authorisation_that_waits_is_not_declined_by_a_look_up() -> None:
    assert found(AUTHORIZE, intent("requires_action")) == ()


@pytest.mark.parametrize(
    ("status", "headers", "busy", "after"),
    [
        (409, {}, True, None),
        (429, {"retry-after": "2"}, True, 2.0),
        (429, {"retry-after": "Fri, 31 Dec 2027 23:59:59 GMT"}, True, None),
        (400, {"stripe-should-retry": "true"}, True, None),
        (500, {}, False, None),
        (503, {"retry-after": "1"}, False, 1.0),
    ],
)
def test_what_settles_nothing_is_asked_again(
    status: int, headers: dict[str, str], after: float | None, *, busy: bool
) -> None:
    with pytest.raises(Again) as again:
        check(status, headers, {"error": {"code": "lock_timeout"}})
    assert (again.value.busy, again.value.after) == (busy, after)


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_refused_is_waited_for_and_named(status: int) -> None:
    with pytest.raises(Denied, match=f"STRIPE_API_KEY: {status}: Invalid API Key") as denied:
        check(status, {"stripe-should-retry": "false"}, {"error": {"message": "Invalid API Key provided"}})
    assert denied.value.after


def test_what_no_repetition_mends_is_said_aloud() -> None:
    with pytest.raises(Misused, match="idempotency_error"):
        check(400, {}, {"error": {"type": "idempotency_error"}})
    check(402, {}, {"error": {"type": "card_error"}})
    check(200, {}, {})


def test_every_fact_is_taken_by_the_ledger() -> None:
    told: list[ProviderFact] = [
        *facts_of(CAPTURE, 400, unexpected(intent("canceled"))),
        *facts_of(VOID, 400, unexpected(intent("succeeded", 10_000))),
    ]
    try:
        Story(ENDED).ask(*told)
    except Refused as refusal:  # pragma: no cover - would be a defect
        pytest.fail(f"a fact was refused: {refusal}")
