"""One movement, from its event to the commands that tell what came of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from app.domain.payment.commands import RecordPaymentAuthorized
from app.effects.agent.carrier import Carrier, Pauses
from app.effects.agent.movement import commands_of, movement_of
from app.effects.agent.providers import NotSetUp
from app.effects.keys import provider_key
from app.effects.provider import Denied
from app.effects.stripe.answers import Misused
from app.lane.declare import Record
from app.wire.contracts import ORDERS
from tests.broker.kafka import causes, eventually, where
from tests.effects.reading import ASKED, NOW, TOLD, Box, Till, found

if TYPE_CHECKING:
    from app.domain.payment.events import PaymentEvent
    from app.effects.agent.movement import Movement

FACT = RecordPaymentAuthorized(payment_id="p", amount=10_000, provider="stripe")


def asked(fact: PaymentEvent = ASKED, order_id: str = "o-1", at: int = NOW) -> tuple[Record, Movement]:
    record = Record(*found(0, fact, order_id, at))
    assert record.value is not None
    movement = movement_of(ORDERS.decode_event(record.value))
    assert movement is not None
    return record, movement


class Agent:
    """A carrier between a provider in memory and a box."""

    def __init__(self, provider: Any = None, calls: int = 2) -> None:
        self.till, self.box = Till(), Box()
        self.now = datetime.fromtimestamp(NOW / 1000, UTC)
        self.carrier = Carrier(
            {"stripe": provider or self.till},
            self.box,  # type: ignore[arg-type] # in the place of Kafka
            calls=calls,
            worker="w1",
            largest=900_000,
            pauses=Pauses(first=0.001, longest=0.002),
            clock=lambda: self.now,
        )

    async def carry(self, *orders: str, fact: PaymentEvent = ASKED) -> None:
        await asyncio.gather(*[self.carrier.carry(*asked(fact, order)) for order in orders])


@pytest.fixture
def agent() -> Agent:
    return Agent()


async def test_what_a_provider_says_becomes_a_command_of_its_order(agent: Agent) -> None:
    await agent.carry("o-1")
    (command,) = agent.box.commands()
    assert command.data == FACT
    assert command.id.startswith(provider_key("authorize", "o-1", "p"))
    assert (command.subject, command.source) == ("o-1", "/effects/stripe")
    assert (command.correlation_id, command.causation_id) == ("checkout-1", "o-1@1")


async def test_carried_again_it_has_the_same_key_and_the_same_command(agent: Agent) -> None:
    await agent.carry("o-1")
    await agent.carry("o-1")
    first, second = agent.box.commands()
    assert first.id == second.id
    assert list(agent.till.made.values()) == [2]  # which the provider, knowing the key, makes once


async def test_a_provider_without_an_answer_is_asked_again_and_nothing_is_told_before(agent: Agent) -> None:
    agent.till.failing["o-1"] = 3
    await agent.carry("o-1")
    assert len(agent.till.calls) == 4
    assert len(agent.box.delivered) == 1


async def test_an_order_that_waits_for_its_provider_takes_no_place_from_others() -> None:
    agent = Agent(calls=1)
    agent.till.failing["o-1"] = 10**9
    waiting = asyncio.create_task(agent.carry("o-1"))
    await asyncio.sleep(0.01)
    await agent.carry("o-2", "o-3")
    assert {command.subject for command in agent.box.commands()} == {"o-2", "o-3"}
    waiting.cancel()


async def test_calls_to_a_provider_are_bounded() -> None:
    agent = Agent(calls=2)
    await agent.carry(*[f"o-{number}" for number in range(20)])
    assert agent.till.most_at_once == 2
    assert len(agent.box.delivered) == 20


async def test_what_kafka_has_not_taken_is_told_again(agent: Agent) -> None:
    agent.box.failing = 3
    await agent.carry("o-1")
    assert len(agent.box.commands()) == 1
    assert len(agent.till.calls) == 1


async def test_after_23_hours_the_provider_is_first_asked_what_became_of_it(agent: Agent) -> None:
    agent.now += timedelta(hours=23)
    await agent.carry("o-1")
    assert agent.till.asked_after == []
    agent.now += timedelta(seconds=1)
    agent.till.known = (replace(FACT, reference="pi_9"),)
    await agent.carry("o-2")
    assert agent.till.calls == ["o-1"]
    assert agent.box.commands()[-1].data.reference == "pi_9"
    agent.till.known = ()  # under way
    await agent.carry("o-3")
    assert agent.till.calls == ["o-1"]
    assert len(agent.box.delivered) == 2
    agent.till.known = None
    await agent.carry("o-4")
    assert agent.till.calls == ["o-1", "o-4"]


async def test_a_call_that_the_provider_calls_a_misuse_is_a_dead_letter_beside_its_partition() -> None:
    class Strict(Till):
        async def authorize(self, _: object) -> Any:
            raise Misused("400 idempotency_error: Keys can only be used once")

    agent = Agent(Strict())
    await agent.carry("o-1")
    ((topic, partition, (key, value, headers)),) = agent.box.delivered
    letter = Record(topic, partition or 0, 0, 0, key, value, headers)
    record, _ = asked()
    assert (topic, partition, key, value) == ("dead-letters", 3, record.key, record.value)
    assert where(letter) == ("order-events", 3, 0)
    assert causes(letter)["agent"] == "effects"
    assert "only be used once" in causes(letter)["message"]


async def test_a_refused_key_is_waited_for_and_said_so_until_it_is_right(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Locked(Till):
        open = False

        async def authorize(self, call: Any) -> Any:
            if not self.open:
                raise Denied("401: Invalid API Key provided")
            return await super().authorize(call)

    till = Locked()
    agent = Agent(till)
    waiting = asyncio.create_task(agent.carry("o-1"))

    async def said() -> bool:
        return len(_errors(caplog)) >= 2

    await eventually(lambda: "it is said twice", said, 30)
    assert not waiting.done()
    assert agent.box.delivered == []
    assert "401: Invalid API Key provided; attempt 2 in" in _errors(caplog)[0]
    till.open = True
    await waiting
    assert [command.subject for command in agent.box.commands()] == ["o-1"]


def _errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [found.getMessage() for found in caplog.records if found.levelname == "ERROR"]


async def test_a_payment_of_a_provider_that_nobody_knows_is_a_dead_letter(agent: Agent) -> None:
    await agent.carry("o-1", fact=replace(ASKED, provider="paypal"))
    ((topic, _, (_, _, headers)),) = agent.box.delivered
    assert topic == "dead-letters"
    assert dict(headers)["dead-letter-message"] == b"'paypal' is none of stripe"


async def test_a_provider_that_is_not_set_up_is_waited_for() -> None:
    agent = Agent(NotSetUp("STRIPE_API_KEY"))
    waiting = asyncio.create_task(agent.carry("o-1"))
    await asyncio.sleep(0.02)
    assert not waiting.done()
    assert agent.box.delivered == []
    waiting.cancel()


def test_an_event_whose_id_is_longer_than_a_command_may_name_still_has_its_answer() -> None:
    record, movement = asked(order_id="o" * 128)
    assert record.key == b"o" * 128
    ((key, value, headers),) = commands_of(movement, (FACT,), datetime.now(UTC))
    command = ORDERS.decode_command(Record("order-commands", 0, 0, 0, key, value, headers))
    assert (command.subject, command.causation_id) == ("o" * 128, None)


def test_what_a_provider_said_asks_nothing() -> None:
    assert movement_of(ORDERS.decode_event(found(0, TOLD).value)) is None
