"""The client against stripe-mock, alone and behind a proxy that loses, resets, delays and refuses.

stripe-mock has no memory: what its answers mean is tested in test_stripe_answers.py. Here it says whether a request
is one that the vendor takes, and the proxy says what was sent.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import aiohttp
import pytest
from msgspec.structs import replace

from app.domain.payment.commands import RecordCaptureFailed, RecordPaymentDeclined, RecordRefundSucceeded
from app.effects.provider import Denied, Unavailable, perform
from app.effects.stripe.answers import Misused
from app.effects.stripe.client import VERSION, Stripe
from app.effects.stripe.requests import Request, look_up, request_of, search
from tests.effects.conftest import HASTY
from tests.effects.stories import AUTHORIZE, CALLS, CAPTURE, REFUND, VOID

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.effects.calls import Call
    from tests.effects.conftest import Trouble

BUSY = {"fault": "answer", "status": 429, "headers": {"Retry-After": "0.02"}, "body": {"error": {}}}
LOCKED = {"fault": "answer", "status": 409, "body": {"error": {"code": "idempotency_key_in_use"}}}
BROKEN = {"fault": "answer", "status": 500, "body": {"error": {"type": "api_error"}}}
SLOW = {"fault": "slow", "seconds": 60}
BRIEF = replace(HASTY, answer=2.0)  # for whom that is too slow


def answer(body: dict[str, Any], status: int = 200) -> dict[str, Any]:
    return {"fault": "answer", "status": status, "body": body}


@pytest.mark.parametrize("call", CALLS, ids=lambda call: type(call).__name__)
async def test_the_vendor_takes_every_request(stripe_mock: str, call: Call) -> None:
    requests = [request_of(call, "pi_1"), look_up(call, "pi_1"), search(call)]
    for request in [*requests, request_of(replace(AUTHORIZE, method=""), "")]:
        assert await ask(stripe_mock, request) == 200


async def test_the_vendor_s_server_would_notice_a_wrong_request(stripe_mock: str) -> None:
    right = request_of(AUTHORIZE, "")
    assert await ask(stripe_mock, replace(right, form=(*right.form, ("amonut", "1")))) == 400
    assert await ask(stripe_mock, replace(right, path="/v1/payment_intent")) == 404


async def test_a_call_is_one_request_with_its_key(stripe: Stripe, trouble: Trouble) -> None:
    for call in CALLS:
        await perform(stripe, call)
    seen = await trouble.seen()
    assert [(request["method"], request["key"]) for request in seen] == [("POST", call.key) for call in CALLS]
    assert parse_qs(seen[-1]["body"])["metadata[refund_id]"] == ["r"]


async def test_the_refund_that_was_done_is_told(stripe: Stripe) -> None:
    (fact,) = await stripe.refund(REFUND)
    assert isinstance(fact, RecordRefundSucceeded)  # stripe-mock's one refund succeeds


@pytest.mark.parametrize(
    "faults",
    [["lost"], ["reset"], [SLOW], [BUSY], [LOCKED], [BROKEN], ["lost", SLOW, BROKEN]],
    ids=["lost", "reset", "slow", "429", "409", "500", "three in a row"],
)
async def test_a_call_without_an_answer_is_made_again_under_the_same_key(
    proxy: str, trouble: Trouble, faults: list[Any]
) -> None:
    """C05: however often it is asked, the provider can tell that it is the same refund."""
    await trouble.plan(*faults)
    async with Stripe("sk_test_123", proxy, BRIEF if SLOW in faults else HASTY) as stripe:
        (fact,) = await stripe.refund(REFUND)
    assert isinstance(fact, RecordRefundSucceeded)
    seen = await trouble.seen()
    assert len(seen) == len(faults) + 1
    assert {request["key"] for request in seen} == {REFUND.key}
    assert len({request["body"] for request in seen}) == 1


async def test_another_worker_goes_on_under_the_same_key(proxy: str, trouble: Trouble) -> None:
    """C05: the first worker dies between the provider's deed and its answer."""
    await trouble.plan(SLOW)
    async with Stripe("sk_test_123", proxy, HASTY) as first:
        killed = asyncio.create_task(first.refund(REFUND))
        await eventually("the request is with the provider", trouble.seen)
        killed.cancel()
    async with Stripe("sk_test_123", proxy, HASTY) as second:
        (fact,) = await second.refund(REFUND)
    assert isinstance(fact, RecordRefundSucceeded)
    assert {request["key"] for request in await trouble.seen()} == {REFUND.key}


async def test_a_provider_that_says_nothing_is_no_failure_of_the_payment(
    stripe: Stripe, trouble: Trouble
) -> None:
    await trouble.plan(*["reset"] * 20)
    with pytest.raises(Unavailable, match="no answer"):
        await stripe.capture(CAPTURE)


async def test_an_error_that_is_kept_under_the_key_is_got_round_by_looking_up(
    stripe: Stripe, trouble: Trouble
) -> None:
    """The API gives a 500 again for the same key; a new key could move the money again, so it is looked up."""
    there = {"id": "re_9", "status": "succeeded", "amount": 2500, "metadata": {"refund_id": "r"}}
    await trouble.plan(*[BROKEN] * HASTY.attempts, answer({"data": [there]}))
    (fact,) = await stripe.refund(REFUND)
    assert isinstance(fact, RecordRefundSucceeded)
    assert fact.reference == "re_9"
    seen = await trouble.seen()
    assert [request["method"] for request in seen] == [*["POST"] * HASTY.attempts, "GET"]
    assert {request["key"] for request in seen[:-1]} == {REFUND.key}


async def test_what_is_not_found_stays_unknown(stripe: Stripe, trouble: Trouble) -> None:
    await trouble.plan(*[BROKEN] * HASTY.attempts, answer({"data": []}))
    with pytest.raises(Unavailable, match="500"):
        await stripe.refund(REFUND)
    await trouble.plan(answer({}, 404), answer({"data": []}))
    assert await stripe.found(REFUND) is None
    assert await stripe.found(AUTHORIZE) is None


async def test_a_payment_whose_id_we_never_heard_is_searched_by_ours(
    stripe: Stripe, trouble: Trouble
) -> None:
    lost = replace(CAPTURE, reference=None)
    await trouble.plan(answer({"data": [{"id": "pi_7"}]}))
    await stripe.capture(lost)
    search_, capture = await trouble.seen()
    assert "query=metadata%5B%27payment_id%27%5D%3A%27p%27" in search_["path"]
    assert capture["path"] == "/v1/payment_intents/pi_7/capture"
    await trouble.plan(answer({"data": []}))
    (fact,) = await stripe.capture(lost)
    assert isinstance(fact, RecordCaptureFailed)
    assert fact.code == "payment-not-found"


async def test_a_notice_without_our_ids_finds_them_at_the_payment(stripe: Stripe, trouble: Trouble) -> None:
    there = {"metadata": {"order_id": "o-1", "payment_id": "p"}}
    await trouble.plan(answer(there), answer({"metadata": {}}), answer({}, 404))
    assert await stripe.ids_of("pi_1") == ("o-1", "p")
    assert await stripe.ids_of("pi_2") is None
    assert await stripe.ids_of("pi_3") is None


async def test_a_definite_no_is_asked_once(stripe: Stripe, trouble: Trouble) -> None:
    declined = {"error": {"type": "card_error", "code": "card_declined", "message": "No."}}
    await trouble.plan(answer(declined, 402))
    (fact,) = await stripe.authorize(AUTHORIZE)
    assert isinstance(fact, RecordPaymentDeclined)
    assert len(await trouble.seen()) == 1


async def test_our_own_mistakes_are_neither_repeated_nor_recorded(stripe: Stripe, trouble: Trouble) -> None:
    reused = {"error": {"type": "idempotency_error", "message": "Keys can only be used once"}}
    await trouble.plan(answer(reused, 400))
    with pytest.raises(Misused, match="only be used once"):
        await stripe.void(VOID)
    assert len(await trouble.seen()) == 1


async def test_a_key_that_is_refused_is_no_illness_of_the_provider(stripe: Stripe, trouble: Trouble) -> None:
    await trouble.plan(*[answer({"error": {"message": "Invalid API Key provided"}}, 401)] * 20)
    for _ in range(20):
        with pytest.raises(Denied, match="Invalid API Key"):
            await stripe.void(VOID)
    assert len(await trouble.seen()) == 20  # one each, and no circuit opened
    assert await answered(stripe)


@pytest.mark.parametrize(("rest", "rested"), [(600.0, False), (0.3, True)])
async def test_a_dead_provider_is_left_alone_until_it_has_rested(
    proxy: str, trouble: Trouble, rest: float, *, rested: bool
) -> None:
    await trouble.plan(*[BROKEN] * 50)
    async with Stripe("sk_test_123", proxy, replace(HASTY, rest=rest)) as stripe:
        with pytest.raises(Unavailable):
            await stripe.capture(CAPTURE)
        with pytest.raises(Unavailable, match="open") as opened:
            await stripe.capture(CAPTURE)
        assert opened.value.after == rest
        if rested:
            await trouble.plan()
            await eventually("the circuit closes", lambda: answered(stripe))
            return
        assert len(await trouble.seen()) == HASTY.failures
        with pytest.raises(Unavailable, match="open"):
            await stripe.refund(REFUND)
        assert len(await trouble.seen()) == HASTY.failures


async def test_a_busy_provider_opens_no_circuit(stripe: Stripe, trouble: Trouble) -> None:
    await trouble.plan(*[BUSY] * 50)  # for look-ups, too: any other answer closes a circuit
    for _ in range(4):
        with pytest.raises(Unavailable, match="429") as busy:
            await stripe.capture(CAPTURE)
        assert busy.value.after == 0.02
    await trouble.plan()
    assert await stripe.refund(REFUND)


async def test_an_answer_from_something_in_between_settles_nothing(stripe: Stripe, trouble: Trouble) -> None:
    await trouble.plan({"fault": "text", "status": 502}, {"fault": "text", "status": 200})
    (fact,) = await stripe.refund(REFUND)
    assert isinstance(fact, RecordRefundSucceeded)
    assert len(await trouble.seen()) == 3


async def test_an_amount_that_the_api_would_read_otherwise_is_declined_unasked(
    stripe: Stripe, trouble: Trouble
) -> None:
    (fact,) = await stripe.authorize(replace(AUTHORIZE, currency="JPY"))
    assert isinstance(fact, RecordPaymentDeclined)
    assert fact.code == "exponent-unsupported"
    assert await trouble.seen() == []


async def answered(stripe: Stripe) -> bool:
    """Return whether the provider answers."""
    try:
        return bool(await stripe.refund(REFUND))
    except Unavailable:
        return False


async def eventually(what: str, happened: Callable[[], Awaitable[object]]) -> None:
    """Return when it has happened. Raises AssertionError that says what was waited for."""
    deadline = time.monotonic() + 60
    while not await happened():
        assert time.monotonic() < deadline, f"not within 60 s: {what}"
        await asyncio.sleep(0.02)


async def ask(url: str, request: Request) -> int:
    """Make a request as the client does, and return its status."""
    headers = {"Authorization": "Bearer sk_test_123", "Stripe-Version": VERSION}
    get = request.method == "GET"
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.request(
            request.method,
            url + request.path,
            params=list(request.form) if get else None,
            data=None if get else list(request.form),
        ) as answer,
    ):
        return answer.status
