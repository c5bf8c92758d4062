"""Calls to make, and one order's money whose requests are done by a provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.payment.decider import decide
from app.domain.payment.evolver import evolve
from app.effects.calls import Authorize, Call, Capture, Refund, Void, call_of
from app.effects.keys import provider_key
from app.effects.provider import perform
from tests.domain.payment.scenario import Story

if TYPE_CHECKING:
    from app.domain.payment.commands import PaymentCommand
    from app.effects.provider import Provider

ORDER_ID = "o-1"
AUTHORIZE = Authorize(
    key=provider_key("authorize", ORDER_ID, "p"),
    provider="stripe",
    order_id=ORDER_ID,
    payment_id="p",
    amount=10_000,
    currency="EUR",
    exponent=2,
    method="pm_card_visa",
    expires_at=None,
)
CAPTURE = Capture(
    key=provider_key("capture", ORDER_ID, "p", "c"),
    provider="stripe",
    order_id=ORDER_ID,
    payment_id="p",
    capture_id="c",
    amount=10_000,
    currency="EUR",
    exponent=2,
    reference="pi_1",
)
VOID = Void(
    key=provider_key("void", ORDER_ID, "p", "1"),
    provider="stripe",
    order_id=ORDER_ID,
    payment_id="p",
    attempt=1,
    reference="pi_1",
)
REFUND = Refund(
    key=provider_key("refund", ORDER_ID, "r"),
    provider="stripe",
    order_id=ORDER_ID,
    payment_id="p",
    capture_id="c",
    refund_id="r",
    amount=2500,
    currency="EUR",
    exponent=2,
    reference="pi_1",
)
CALLS: list[Call] = [AUTHORIZE, CAPTURE, VOID, REFUND]


async def carry_out(story: Story, provider: Provider, *commands: PaymentCommand) -> tuple[Story, list[Call]]:
    """Do commands, and what they ask of the provider, and record what it says. Returns the calls, too."""
    waiting, calls = list(commands), []
    while waiting:
        for event in decide(story.owed, story.ledger, waiting.pop(0)):
            story = Story(story.owed, evolve(story.ledger, event))
            call = call_of(ORDER_ID, event)
            if call is not None:
                calls.append(call)
                waiting = [*await perform(provider, call), *waiting]
    return story, calls
