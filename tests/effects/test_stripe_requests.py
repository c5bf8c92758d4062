"""The requests of an API of Stripe's shape, as they are sent."""

import pytest
from msgspec.structs import replace

from app.effects.stripe.requests import decimals, look_up, request_of, search
from tests.effects.stories import AUTHORIZE, CALLS, CAPTURE, REFUND, VOID


def test_a_payment_is_held_first_and_captured_later() -> None:
    request = request_of(AUTHORIZE, "")
    form = dict(request.form)
    assert (request.method, request.path, request.key) == ("POST", "/v1/payment_intents", AUTHORIZE.key)
    assert form["capture_method"] == "manual"
    assert (form["amount"], form["currency"]) == ("10000", "eur")
    assert (form["payment_method"], form["confirm"]) == ("pm_card_visa", "true")
    assert (form["metadata[order_id]"], form["metadata[payment_id]"]) == ("o-1", "p")


def test_a_payment_without_a_method_waits_for_the_customer() -> None:
    form = dict(request_of(replace(AUTHORIZE, method=""), "").form)
    assert "confirm" not in form
    assert "payment_method" not in form


def test_capture_void_and_refund_name_the_payment() -> None:
    assert request_of(CAPTURE, "pi_1").path == "/v1/payment_intents/pi_1/capture"
    assert dict(request_of(CAPTURE, "pi_1").form)["amount_to_capture"] == "10000"
    assert request_of(VOID, "pi_1").path == "/v1/payment_intents/pi_1/cancel"
    form = dict(request_of(REFUND, "pi_1").form)
    assert (form["payment_intent"], form["amount"], form["metadata[refund_id]"]) == ("pi_1", "2500", "r")


def test_a_strange_id_stays_inside_its_place() -> None:
    assert request_of(VOID, "../x?y").path == "/v1/payment_intents/..%2Fx%3Fy/cancel"
    query = dict(search(replace(AUTHORIZE, payment_id="a'b\\")).form)["query"]
    assert query == "metadata['payment_id']:'a\\'b\\\\' AND metadata['order_id']:'o-1'"


def test_what_moves_money_has_a_key_and_what_reads_has_none() -> None:
    assert [request_of(call, "pi_1").key for call in CALLS] == [call.key for call in CALLS]
    assert {look_up(call, "pi_1").key for call in CALLS} == {search(AUTHORIZE).key} == {None}
    assert {look_up(call, "pi_1").method for call in CALLS} == {"GET"}


@pytest.mark.parametrize(("currency", "digits"), [("EUR", 2), ("JPY", 0), ("KWD", 3)])
def test_amounts_are_in_the_smallest_unit_of_the_currency(currency: str, digits: int) -> None:
    assert decimals(currency) == digits
