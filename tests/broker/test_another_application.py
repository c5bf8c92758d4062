"""The engine carries an application that knows nothing of orders: two agents, four tables, sources in one cycle."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tests.broker.depots import facts_of, rows_of, some_weighings, weighing
from tests.broker.kafka import Sent, causes, where
from tests.lane.depot import HUGE, UNLUCKY

if TYPE_CHECKING:
    from tests.broker.depots import Depots, Weighings
    from tests.broker.kafka import Kafka


async def test_what_handlers_write_becomes_visible_once_and_what_they_raise_is_buried(depots: Depots) -> None:
    weighings = some_weighings(400)
    depots.workers.start("w1")
    depots.workers.wait_ready("w1")
    async with depots.kafka() as kafka:
        await depots.weigh(kafka, weighings)
        facts = defaultdict(list)
        for record in await kafka.read(depots.topic("parcel-facts")):
            facts[record.key].append(record.value)
        assert facts == facts_of(weighings)
        await _the_unlucky_are_buried(depots, kafka, weighings)
        weighings += await _what_is_too_large_leaves_its_neighbours(depots, kafka)
        await _the_second_agent_buries_as_well(depots, kafka)
    assert depots.row("w1", "weights", "q") == "6"
    assert depots.workers["w1"].stop() == 0
    assert depots.stored("w1") == rows_of(weighings)
    assert "in doubt" not in depots.log("w1")


async def _the_unlucky_are_buried(depots: Depots, kafka: Kafka, weighings: Weighings) -> None:
    letters = await kafka.read(depots.topic("depot-dead-letters"))
    unlucky = [weighing(*one) for one in weighings if one[2] == UNLUCKY]
    assert sorted((x.partition, x.key, x.value) for x in letters) == sorted(one[:3] for one in unlucky)
    sent = {(x.topic, x.partition, x.offset): x.value for x in await kafka.read(depots.topic("parcels"))}
    for letter in letters:
        told = causes(letter)
        assert sent[where(letter)] == letter.value
        assert (told["agent"], told["code"], told["worker"]) == ("weigh-parcels", "failed", "w1")
        assert (told["exception"], told["message"]) == ("RuntimeError", "thirteen grams")
        assert 'raise RuntimeError("thirteen grams")' in told["traceback"]


async def _what_is_too_large_leaves_its_neighbours(depots: Depots, kafka: Kafka) -> Weighings:
    small, large = ("q", "depot-q", 5), ("q", "depot-q", HUGE)
    await depots.weigh(kafka, [small, large, small, ("q", "depot-q", 6)])
    (letter,) = [x for x in await kafka.read(depots.topic("depot-dead-letters")) if x.key == b"q"]
    assert (causes(letter)["code"], letter.value) == ("too-large", b"depot-q %d" % HUGE)
    return [small, small, ("q", "depot-q", 6)]


async def _the_second_agent_buries_as_well(depots: Depots, kafka: Kafka) -> None:
    await kafka.send(depots.topic("depot-loads"), [Sent(0, b"depot-z", b"many")])
    await kafka.settled(depots.group, depots.sources)
    (letter,) = [x for x in await kafka.read(depots.topic("depot-dead-letters")) if x.key == b"depot-z"]
    assert (causes(letter)["agent"], letter.value) == ("load-depots", b"many")
