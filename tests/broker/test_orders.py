"""Records that no handler can decide, on the command topic of the product: alone, and among commands that are right.

Each becomes a dead letter that says why; what lies before and behind it is decided; the group's offsets move past it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import pytest

from app.domain.order.commands import CancelOrder
from app.lane.partition import partition_of
from app.topics import COMMAND_OUTCOMES, DEAD_LETTERS, ORDER_COMMANDS, ORDER_EVENTS
from app.wire.orders import MAX_COMMAND_BYTES, encode_order_command
from tests.broker.conftest import LARGEST
from tests.broker.kafka import Kafka, Sent, causes, where
from tests.domain.scenario import line, order
from tests.running import get_json

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from app.domain.order.commands import OrderCommand
    from app.lane.declare import Record
    from tests.running import Workers

GROUP, PARTITIONS = "orderlane", 8
SOURCES = (ORDER_COMMANDS.name,)


def command(order_id: str, data: OrderCommand) -> tuple[str, Sent]:
    """Return a command as its producer should send it, and its id."""
    command_id, key = str(uuid.uuid4()), order_id.encode()
    value = encode_order_command(id=command_id, subject=order_id, data=data)
    return command_id, Sent(partition_of(key, PARTITIONS), key, value)


def new_id(partition: int | None = None) -> str:
    """Return an order id that nobody has used, of a partition if one is given."""
    while True:
        order_id = f"o-{uuid.uuid4().hex[:12]}"
        if partition is None or partition_of(order_id.encode(), PARTITIONS) == partition:
            return order_id


@dataclass
class Till:
    """Sends to the command topic and sees what becomes of it."""

    kafka: Kafka
    url: str

    async def send(self, *records: Sent) -> list[int]:
        """Return the offsets, once the group has passed all there is."""
        offsets = await self.kafka.send(ORDER_COMMANDS.name, records)
        await self.kafka.settled(GROUP, SOURCES)
        return offsets

    async def letters(self, partition: int, offsets: list[int]) -> list[Record]:
        """Return the dead letters of these records."""
        wanted = {(ORDER_COMMANDS.name, partition, offset) for offset in offsets}
        return [x for x in await self.kafka.read(DEAD_LETTERS.name) if where(x) in wanted]

    async def outcome(self, command_id: str) -> str | None:
        """Return what became of a command: the type of its one outcome, with the code of a refusal."""
        found = [
            msgspec.json.decode(x.value or b"")
            for x in await self.kafka.read(COMMAND_OUTCOMES.name)
            if x.key == command_id.encode()
        ]
        assert len(found) <= 1, found
        return f"{found[0]['type']} {found[0]['data'].get('code', '')}".strip() if found else None

    def version(self, order_id: str) -> int | None:
        status, answer = get_json(f"{self.url}/orders/{order_id}")
        return int(answer["version"]) if status == 200 else None


@pytest.fixture
async def till(shop: Workers, kafka_url: str) -> AsyncIterator[Till]:
    async with Kafka(kafka_url, PARTITIONS) as kafka:
        yield Till(kafka, shop["w1"].url)


HERE = 3
NOBODYS = partition_of(b"", PARTITIONS)


def _right(order_id: str = "") -> Sent:
    return command(order_id or new_id(HERE), order())[1]


WRONG: dict[str, tuple[str, Callable[[], Sent]]] = {
    "a tombstone": ("value-missing", lambda: _right()._replace(value=None)),
    "no value": ("value-missing", lambda: _right()._replace(value=b"")),
    "Faust's tombstone": ("value-missing", lambda: _right()._replace(value=b"null")),
    "no key": ("key-missing", lambda: _right()._replace(key=None)),
    "an empty key": ("key-missing", lambda: _right()._replace(partition=NOBODYS, key=b"")),
    "neither": ("key-missing", lambda: _right()._replace(key=None, value=None)),
    "no JSON": ("not-json", lambda: _right()._replace(value=b"{", headers=(("x", b"1"), ("y", b"")))),
    "another's partition": ("wrong-partition", lambda: _right(new_id(HERE + 1))._replace(partition=HERE)),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_cannot_be_decided_is_a_dead_letter_and_its_neighbours_pass(
    till: Till, wrong: str
) -> None:
    code, make = WRONG[wrong]
    alone, among = make(), make()
    before, after = (command(new_id(alone.partition), order()) for _ in range(2))
    offsets = await till.send(alone)
    offsets += await till.send(before[1], among, after[1])
    letters = await till.letters(alone.partition, offsets)
    assert [where(letter)[2] for letter in letters] == [offsets[0], offsets[2]]
    for letter, sent in zip(letters, (alone, among), strict=True):
        told = causes(letter)
        assert (letter.key, letter.value) == (sent.key, sent.value)
        assert tuple(letter.headers)[: len(sent.headers)] == sent.headers
        assert (told["code"], told["agent"], told["worker"]) == (code, "decide-orders", "w1")
        assert (told["attempt"], told["exception"], told["traceback"]) == ("1", "Undecodable", "")
        assert letter.partition == alone.partition
    assert await till.outcome(before[0]) == "command-accepted.v1"
    assert await till.outcome(after[0]) == "command-accepted.v1"


async def test_a_command_from_a_foreign_partitioner_is_not_answered_with_order_unknown(till: Till) -> None:
    order_id = new_id()
    placed, place = command(order_id, order())
    cancelled, cancel = command(order_id, CancelOrder())
    there = (place.partition + 1) % PARTITIONS
    _, offset = await till.send(place, cancel._replace(partition=there))
    (letter,) = await till.letters(there, [offset])
    message = causes(letter)["message"]
    assert f"belongs on partition {place.partition} and came on {there}" in message
    assert "partitioner=murmur2_random" in message
    assert await till.outcome(cancelled) is None
    assert await till.outcome(placed) == "command-accepted.v1"
    assert till.version(order_id) == 1


def _lines(count: int, name: str = "") -> OrderCommand:
    return order(*[line(str(number), name=name) for number in range(count)])


async def test_an_order_of_2000_lines_passes_and_one_of_2001_does_not(till: Till) -> None:
    largest, larger = new_id(), new_id()
    taken, sent = command(largest, _lines(2000))
    refused, too_large = command(larger, _lines(2001))
    after, small = command(new_id(too_large.partition), order())
    _, offset, _ = await till.send(sent, too_large, small)
    assert await till.outcome(taken) == "command-accepted.v1"
    assert till.version(largest) == 1
    assert "order-too-large" in await _fate(till, refused, too_large, offset)
    assert till.version(larger) is None
    assert await till.outcome(after) == "command-accepted.v1"


async def _fate(till: Till, command_id: str, sent: Sent, offset: int) -> list[str]:
    """Return the codes of refusal and dead letter: there must be one of them."""
    outcome = await till.outcome(command_id)
    letters = [causes(x)["code"] for x in await till.letters(sent.partition, [offset])]
    found = [*letters, *(outcome or "").split()[1:]]
    assert len(found) == 1, (outcome, letters)
    return found


async def test_a_command_whose_event_would_be_too_large_changes_nothing(till: Till) -> None:
    order_id = new_id()
    large_id, large = command(order_id, _lines(1500, name="x" * 400))
    assert LARGEST < len(large.value or b"") < MAX_COMMAND_BYTES, "the command itself is not too large"
    before, after = (command(new_id(large.partition), order()) for _ in range(2))
    _, offset, _ = await till.send(before[1], large, after[1])
    assert await _fate(till, large_id, large, offset) == ["too-large"]
    (letter,) = await till.letters(large.partition, [offset])
    assert causes(letter)["pointer"] == "true", "the record lies where the headers say, and is not copied"
    assert (letter.key, letter.value) == (large.key, b"")
    assert till.version(order_id) is None
    assert order_id.encode() not in {x.key for x in await till.kafka.read(ORDER_EVENTS.name)}
    assert await till.outcome(before[0]) == "command-accepted.v1"
    assert await till.outcome(after[0]) == "command-accepted.v1"


async def test_a_record_larger_than_any_that_we_write_is_read_and_pointed_at(till: Till) -> None:
    sent = Sent(3, new_id(3).encode(), bytes(1_000_000))
    (offset,) = await till.send(sent)
    (letter,) = await till.letters(3, [offset])
    assert (causes(letter)["code"], causes(letter)["pointer"]) == ("order-too-large", "true")
