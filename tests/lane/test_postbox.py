"""The way into Kafka from outside of the lanes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiokafka.errors import OutOfOrderSequenceNumber

from app.lane.partition import partition_of
from app.lane.postbox import Postbox, Undelivered
from tests.broker.kafka import Kafka
from tests.running import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PARTITIONS = 3


@pytest.fixture
async def box(broker: str) -> AsyncIterator[Postbox]:
    made = Postbox(broker, "a-test", partitions=PARTITIONS, largest=10_000)
    yield made
    await made.close()


async def test_what_is_delivered_lies_where_its_key_belongs_in_its_order(
    box: Postbox, broker: str, prefix: str
) -> None:
    async with Kafka(broker, PARTITIONS) as kafka:
        await kafka.create(prefix, PARTITIONS)
        letters = [(b"k-%d" % (number % 5), b"%d" % number, [("h", b"1")]) for number in range(50)]
        await box.deliver(prefix, letters)
        await box.deliver(prefix, [(b"k-0", b"elsewhere", ())], partition=1)
        found = await kafka.read(prefix)
    by_key = {
        key: [r.value for r in found if r.key == key and r.value != b"elsewhere"] for key, _, _ in letters
    }
    assert by_key == {key: [v for k, v, _ in letters if k == key] for key in by_key}
    for record in found:
        home = partition_of(record.key or b"", PARTITIONS)
        assert record.partition == (1 if record.value == b"elsewhere" else home)


async def test_a_producer_that_failed_is_followed_by_another(
    box: Postbox, broker: str, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise OutOfOrderSequenceNumber

    async with Kafka(broker, PARTITIONS) as kafka:
        await kafka.create(prefix, PARTITIONS)
        await box.deliver(prefix, [(b"k", b"1", ())])
        monkeypatch.setattr(box._producer, "send", fail)
        with pytest.raises(Undelivered, match="OutOfOrder"):
            await box.deliver(prefix, [(b"k", b"2", ())])
        await box.deliver(prefix, [(b"k", b"2", ())])
        assert [record.value for record in await kafka.read(prefix)] == [b"1", b"2"]


async def test_without_a_broker_nothing_is_delivered_and_nothing_is_left_behind() -> None:
    box = Postbox(f"127.0.0.1:{free_port()}", "a-test", partitions=PARTITIONS, largest=10_000, deadline=0.3)
    with pytest.raises(Undelivered):
        await box.deliver("t", [(b"k", b"1", ())])
    await box.close()
