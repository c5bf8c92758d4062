"""A partition of order-events: order by order, many orders at a time, and no position before its movement is done."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from app.effects.agent.partition import Partition
from tests.effects.reading import ASKED, CAPTURE_ASKED, NOW, TOLD, Found, event, found

if TYPE_CHECKING:
    from app.effects.agent.movement import Movement
    from app.lane.declare import Record


class Hands:
    """Carries a movement when its order is let go."""

    def __init__(self) -> None:
        self.began: list[int] = []
        self._free: dict[str, asyncio.Event] = {}

    async def carry(self, record: Record, movement: Movement) -> None:
        self.began.append(record.offset)
        await self._of(movement.call.order_id).wait()

    async def let_go(self, order_id: str) -> None:
        self._of(order_id).set()
        for _ in range(10):
            await asyncio.sleep(0)

    def _of(self, order_id: str) -> asyncio.Event:
        return self._free.setdefault(order_id, asyncio.Event())


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
async def partition(hands: Hands) -> Any:
    made = Partition(hands.carry, asyncio.create_task, ahead=10)
    yield made
    await made.drain(0)


async def test_what_asks_nothing_of_a_provider_outside_is_done_when_it_is_read(
    partition: Partition, hands: Hands
) -> None:
    partition.take([found(7, TOLD), found(8, replace(ASKED, provider="house"))])
    await asyncio.sleep(0)
    assert partition.position == 9
    assert hands.began == []


async def test_one_order_s_movements_wait_for_each_other_and_those_of_others_do_not(
    partition: Partition, hands: Hands
) -> None:
    partition.take([found(0, ASKED), found(1, CAPTURE_ASKED), found(2, ASKED, "o-2")])
    await asyncio.sleep(0)
    assert hands.began == [0, 2]
    await hands.let_go("o-1")
    assert hands.began == [0, 2, 1]


async def test_the_position_is_the_oldest_movement_that_is_not_done(
    partition: Partition, hands: Hands
) -> None:
    partition.take([found(0, ASKED), found(1, ASKED, "o-2"), found(2, TOLD)])
    await hands.let_go("o-2")
    assert partition.position == 0
    await hands.let_go("o-1")
    assert partition.position == 3


async def test_a_provider_that_is_silent_about_one_order_holds_the_others_up_after_the_bound_only(
    partition: Partition, hands: Hands
) -> None:
    await hands.let_go("o-2")
    partition.take([found(0, ASKED), *[found(n, ASKED, "o-2") for n in range(1, 9)]])
    await asyncio.sleep(0.01)
    assert len(hands.began) == 9
    fullness = [partition.full]
    partition.take([found(9, TOLD)])
    fullness.append(partition.full)
    await hands.let_go("o-1")
    assert [*fullness, partition.full] == [False, True, False]


@pytest.mark.parametrize(
    "value",
    [event(ASKED).replace(b"requested.v1", b"requested.v2"), b"{", None],
    ids=["newer", "broken", "tombstone"],
)
async def test_an_event_that_this_release_cannot_read_stops_its_partition_and_is_not_skipped(
    partition: Partition, hands: Hands, value: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    strange: Any = Found("order-events", 3, 6, NOW, b"o-2", value)
    await hands.let_go("o-1")
    with caplog.at_level(logging.ERROR):
        partition.take([found(5, ASKED), strange, found(7, ASKED, "o-3")])
        partition.take([found(8, ASKED, "o-4")])
    await hands.let_go("o-1")
    assert (partition.position, hands.began, partition.full) == (6, [5], True)
    assert "order-events-3 stops at offset 6" in caplog.text


async def test_what_is_cut_short_is_read_again(partition: Partition, hands: Hands) -> None:
    partition.take([found(0, ASKED), found(1, ASKED, "o-2")])
    await hands.let_go("o-2")
    await partition.drain(0.01)
    assert partition.position == 0
    assert len(asyncio.all_tasks()) == 1
