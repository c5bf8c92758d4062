"""A ledger's event says all that a provider must be told, and the key under which it is told."""

from typing import get_args

import pytest

from app.domain.payment import events
from app.domain.payment.commands import Asked, RecordAuthorizationExpired, RecordPaymentVoided
from app.domain.payment.events import PaymentEvent
from app.effects.calls import call_of
from app.effects.keys import command_id, provider_key
from app.effects.provider import failed
from tests.domain.payment.scenario import captured
from tests.effects.stories import AUTHORIZE, CALLS, CAPTURE, ORDER_ID, REFUND, VOID

REQUESTS: list[PaymentEvent] = [
    events.PaymentAuthorizationRequested(
        payment_id="p", amount=10_000, currency="EUR", provider="stripe", method="pm_card_visa"
    ),
    events.PaymentCaptureRequested(
        payment_id="p", capture_id="c", amount=10_000, currency="EUR", provider="stripe", reference="pi_1"
    ),
    events.PaymentVoidRequested(payment_id="p", provider="stripe", reference="pi_1"),
    events.RefundRequested(
        payment_id="p",
        refund_id="r",
        capture_id="c",
        asked=Asked(amount=2500),
        amount=2500,
        currency="EUR",
        provider="stripe",
        reference="pi_1",
    ),
]


def test_every_request_of_the_ledger_becomes_a_call() -> None:
    assert [call_of(ORDER_ID, event) for event in REQUESTS] == [AUTHORIZE, CAPTURE, VOID, REFUND]
    asking = {each for each in get_args(PaymentEvent) if each.__name__.endswith("Requested")}
    assert asking == {type(event) for event in REQUESTS}


def test_what_happened_asks_nothing_of_a_provider() -> None:
    assert call_of(ORDER_ID, events.PaymentVoided(payment_id="p")) is None
    assert call_of(ORDER_ID, events.RefundGranted(grant_id="g", asked=Asked(amount=1), amount=1)) is None


def test_the_provider_key_is_a_pure_function_of_our_ids() -> None:
    """C05: the retry after a lost answer has the same key, on whatever worker and however often."""
    again = [call_of(ORDER_ID, event) for event in REQUESTS]
    assert [call.key for call in again if call] == [call.key for call in CALLS]
    # Written down, because a key that changes with a release moves money twice.
    assert REFUND.key == "refund-a7cfeb43b9c68ab7dde0383cdc18389ea8142fea9f950348945ff61727ae3e55"


def test_equal_movements_have_keys_of_their_own() -> None:
    """C04: never derived from transaction and amount."""
    assert provider_key("refund", "o-1", "r1") != provider_key("refund", "o-1", "r2")
    assert provider_key("refund", "o-1", "r1") != provider_key("refund", "o-2", "r1")
    assert provider_key("void", "o-1", "p", "1") != provider_key("void", "o-1", "p", "2")
    assert len({call.key for call in CALLS}) == len(CALLS)


def test_ids_cannot_be_joined_to_look_like_others() -> None:
    assert provider_key("refund", "a", "b/c") != provider_key("refund", "a/b", "c")
    assert provider_key("refund", "a", '","', "b") != provider_key("refund", "a", "", "", "b")


@pytest.mark.parametrize("id_", ["🧦-42", "x" * 128, "ключ", "a b"])
def test_a_key_fits_into_a_header_whatever_the_ids(id_: str) -> None:
    key = provider_key("refund", id_, id_)
    assert key.isascii()
    assert " " not in key
    assert len(key) < 255


def test_a_fact_that_is_told_again_is_the_same_command() -> None:
    fact, key = captured(), CAPTURE.key
    assert command_id(key, fact) == command_id(key, captured())
    assert command_id(key, fact) != command_id(key, captured(9999))
    assert command_id(key, failed(CAPTURE, "x")) != command_id(key, failed(VOID, "x"))
    voided, expired = RecordPaymentVoided(payment_id="p"), RecordAuthorizationExpired(payment_id="p")
    assert command_id(key, voided) != command_id(key, expired)
    assert len(command_id(key, fact)) <= 128
