"""What the API tells by itself: signed, fresh, and joined to what is known in whatever order it comes."""

import hashlib
import hmac
import json
from itertools import permutations
from typing import Any

import pytest

from app.domain.payment.commands import (
    RecordAuthorizationExpired,
    RecordChargebackReversed,
    RecordDisputeOpened,
    RecordPaymentAuthorized,
    RecordPaymentCaptured,
    RecordPaymentDeclined,
    RecordPaymentVoided,
    RecordRefundFailed,
    RecordRefundReversed,
    RecordRefundSucceeded,
)
from app.effects.provider import Facts
from app.effects.stripe.webhooks import (
    Unsigned,
    command_ids,
    facts_of_notice,
    notice_of,
    verify,
)
from tests.domain.payment.scenario import ONE_LINE, Story, authorize, capture, given
from tests.effects.test_stripe_answers import intent

NOW = 1_772_366_400
BODY = json.dumps({"id": "evt_1"}).encode()
OURS = {"order_id": "o-1", "payment_id": "p", "capture_id": "c"}


def sign(body: bytes = BODY, at: int = NOW, by: str = "whsec_test") -> str:
    digest = hmac.new(by.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest},v0=ignored"


def event(kind: str, document: dict[str, Any]) -> dict[str, Any]:
    return {"id": f"evt_{kind}", "type": kind, "created": NOW, "data": {"object": document}}


def told(kind: str, document: dict[str, Any]) -> Facts:
    notice = notice_of(event(kind, document))
    assert notice is not None
    return facts_of_notice(notice, "p")


def refund(status: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": "re_1",
        "object": "refund",
        "status": status,
        "amount": 2500,
        "payment_intent": "pi_1",
        "metadata": {**OURS, "refund_id": "r"},
        **fields,
    }


def dispute(status: str) -> dict[str, Any]:
    return {
        "id": "dp_1",
        "object": "dispute",
        "status": status,
        "amount": 10_500,
        "reason": "fraudulent",
        "payment_intent": "pi_1",
        "metadata": {},
    }


def test_a_signed_and_fresh_body_is_the_api_s() -> None:
    verify(sign(), BODY, "whsec_test", NOW)
    verify(sign(), BODY, "whsec_test", NOW + 300)
    both = f"{sign(by='whsec_old')},{sign().split(',')[1]}"  # while the secret is being changed
    verify(both, BODY, "whsec_test", NOW)


@pytest.mark.parametrize(
    ("signature", "body", "now", "why"),
    [
        (sign(), b"{}", NOW, "no signature"),
        (sign(by="whsec_other"), BODY, NOW, "no signature"),
        (sign(), BODY, NOW + 301, "301 s ago"),
        (sign(at=NOW + 301), BODY, NOW, "ago"),
        (sign().replace(f"t={NOW}", f"t={NOW + 1}"), BODY, NOW, "no signature"),
        (f"t={NOW}", BODY, NOW, "no v1"),
        (sign().partition(",")[2], BODY, NOW, "no time"),
        (sign().replace("t=", "t=x"), BODY, NOW, "no time"),
        ("", BODY, NOW, "no time"),
        (f"t={NOW},v1=ключ", BODY, NOW, "no signature"),
    ],
)
def test_any_other_body_is_a_stranger_s(signature: str, body: bytes, now: int, why: str) -> None:
    with pytest.raises(Unsigned, match=why):
        verify(signature, body, "whsec_test", now)


def test_a_notice_says_of_which_payment_it_is() -> None:
    notice = notice_of(event("payment_intent.succeeded", intent("succeeded", 10_000, metadata=OURS)))
    assert notice is not None
    assert (notice.intent, notice.order_id, notice.payment_id) == ("pi_1", "o-1", "p")
    elsewhere = notice_of(event("charge.dispute.created", dispute("needs_response")))
    assert elsewhere is not None
    assert (elsewhere.intent, elsewhere.order_id, elsewhere.payment_id) == ("pi_1", None, None)


def test_what_is_not_of_a_payment_is_no_notice() -> None:
    assert notice_of(event("customer.created", {"id": "cus_1", "object": "customer"})) is None
    assert notice_of(event("refund.created", {**refund("succeeded"), "payment_intent": None})) is None


def test_each_kind_of_notice_tells_its_facts() -> None:
    assert told("payment_intent.amount_capturable_updated", intent("requires_capture")) == (
        RecordPaymentAuthorized(payment_id="p", amount=10_000, provider="stripe", reference="pi_1"),
    )
    assert told("payment_intent.amount_capturable_updated", intent("succeeded", 1)) == ()
    part = RecordPaymentCaptured(
        payment_id="p", capture_id="c", amount=4000, provider="stripe", reference="ch_1"
    )
    voided = RecordPaymentVoided(payment_id="p", provider="stripe")
    assert told("payment_intent.succeeded", intent("succeeded", 4000, metadata=OURS)) == (part, voided)
    failing = intent("requires_payment_method", last_payment_error={"decline_code": "lost_card"})
    assert told("payment_intent.payment_failed", failing) == (
        RecordPaymentDeclined(payment_id="p", code="lost_card"),
    )
    assert told("payment_intent.canceled", intent("canceled")) == (voided,)
    late = intent("canceled", cancellation_reason="automatic")
    assert told("payment_intent.canceled", late) == (RecordAuthorizationExpired(payment_id="p"),)


def test_a_refund_is_told_by_our_id_or_else_by_its_own() -> None:
    (ours,) = told("refund.updated", refund("succeeded"))
    assert ours == RecordRefundSucceeded(
        payment_id="p", refund_id="r", amount=2500, capture_id="c", provider="stripe", reference="re_1"
    )
    assert told("charge.refund.updated", refund("succeeded")) == (ours,)
    (theirs,) = told("refund.created", refund("succeeded", metadata={}))
    assert isinstance(theirs, RecordRefundSucceeded)
    assert (theirs.refund_id, theirs.capture_id) == ("re_1", None)
    assert told("refund.created", refund("pending")) == ()


def test_a_refund_that_failed_gives_the_room_back_whether_or_not_it_had_succeeded() -> None:
    failed = RecordRefundFailed(payment_id="p", refund_id="r", code="lost_or_stolen_card")
    never = refund("failed", failure_reason="lost_or_stolen_card")
    assert told("refund.failed", never) == (failed,)
    came_back = told("refund.failed", {**never, "failure_balance_transaction": "txn_1"})
    assert came_back == (
        failed,
        RecordRefundReversed(payment_id="p", refund_id="r", code="lost_or_stolen_card"),
    )
    for facts in permutations([*told("refund.updated", refund("succeeded")), *came_back]):
        assert given(*facts).total.refunded == 0


def test_an_inquiry_takes_no_money_and_a_dispute_does() -> None:
    assert told("charge.dispute.created", dispute("warning_needs_response")) == ()
    opened = RecordDisputeOpened(
        payment_id="p", dispute_id="dp_1", amount=10_500, reason="fraudulent", provider="stripe"
    )
    won = RecordChargebackReversed(payment_id="p", dispute_id="dp_1")
    assert told("charge.dispute.created", dispute("needs_response")) == (opened,)
    assert told("charge.dispute.funds_withdrawn", dispute("under_review")) == (opened,)
    assert told("charge.dispute.funds_reinstated", dispute("won")) == (won,)
    assert told("charge.dispute.closed", dispute("won")) == (won,)
    assert told("charge.dispute.closed", dispute("lost")) == ()


def test_the_same_notice_is_the_same_commands() -> None:
    """C08: provider and event id name the command; under another event id the facts add nothing."""
    document = event("payment_intent.succeeded", intent("succeeded", 4000, metadata=OURS))
    first, second = notice_of(document), notice_of(document)
    assert first is not None
    assert second is not None
    facts = facts_of_notice(first, "p")
    assert command_ids(first, facts) == command_ids(second, facts)
    assert command_ids(first, facts)[0] == "stripe/evt_payment_intent.succeeded/0"
    assert len(set(command_ids(first, facts))) == len(facts)
    story = given(authorize()).ask(*facts)
    story.already(*facts)


def test_notices_in_any_order_end_in_one_state() -> None:
    """C07."""
    notices = [
        ("payment_intent.amount_capturable_updated", intent("requires_capture")),
        ("payment_intent.succeeded", intent("succeeded", 10_000, metadata=OURS)),
        ("refund.created", refund("pending")),
        ("refund.updated", refund("succeeded")),
    ]
    ends = set()
    for order in permutations(notices):
        story = Story(ONE_LINE).ask(authorize(provider="stripe"))
        for kind, document in (*order, *order):
            story = story.ask(*told(kind, document))
        ends.add((repr(story.ledger), story.status, story.total.kept))
    assert [end[1:] for end in ends] == [("partially-refunded", 7500)]


def test_a_webhook_and_an_answer_tell_one_capture() -> None:
    answered = given(authorize(provider="stripe")).ask(
        *told("payment_intent.amount_capturable_updated", intent("requires_capture"))
    )
    story = answered.ask(capture(4000))
    story = story.ask(*told("payment_intent.succeeded", intent("succeeded", 4000, metadata=OURS)))
    assert (story.total.captured, story.total.capturing, story.total.open) == (4000, 0, 0)
