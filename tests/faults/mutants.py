"""Engines that are wrong in one way each. The checkers must catch them all (test_mutants.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.lane.cycle import Cycle
from app.lane.fencing import Member
from app.lane.producer import LaneProducer
from app.lane.reading import ends
from app.lane.tenure import Tenure
from tests.faults.history import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from aiokafka import TopicPartition

    from app.lane.batch import Batch, Share
    from tests.faults.trap import Trap


def store_before_commit(trap: Trap) -> None:
    """The rows go to RocksDB while the transaction is open, and to the disk at once, as they may."""
    fence, store = Cycle.fence, Cycle.store

    async def fence_and_store(self: Cycle, batch: Batch) -> None:
        await fence(self, batch)
        await store(self, batch)
        for share in batch.shares:
            share.lane.rows.store.flush()
        trap.reach("stored-not-committed")

    async def nothing(_self: Cycle, _batch: Batch) -> None:
        return

    Cycle.fence = fence_and_store  # type: ignore[method-assign]
    Cycle.store = nothing  # type: ignore[assignment, method-assign]


def no_fence(_trap: Trap) -> None:
    """The group gets the positions without a generation, as before KIP-447: it refuses nobody."""

    async def send_positions(self: LaneProducer, positions: Mapping[TopicPartition, int]) -> None:
        self._producer._sender.member = Member(-1, "", None)
        await send(self, positions)

    send = LaneProducer.send_positions
    LaneProducer.send_positions = send_positions  # type: ignore[method-assign]


def offset_one_off(_trap: Trap) -> None:
    """The position behind commands is one record too far."""
    take = Cycle.take

    def too_far(share: Share) -> Share:
        commands = share.records and share.lane.source.topic == COMMANDS
        return share._replace(position=share.position + 1) if commands else share

    def take_too_far(self: Cycle, batch: Batch | None = None) -> Batch | None:
        had = 0 if batch is None else len(batch.shares)
        batch = take(self, batch)
        if batch is not None:
            batch.shares[had:] = [too_far(share) for share in batch.shares[had:]]
        return batch

    Cycle.take = take_too_far  # type: ignore[method-assign]


def no_barrier(_trap: Trap) -> None:
    """A new owner reads its positions and rows up to what is stable now, and waits for nobody."""

    async def not_fenced_off(self: Tenure, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        self._producer = await LaneProducer.start(self._config, self.member)
        return {tp: last - 1 for tp, (_, last) in (await ends(self._config, partitions)).items()}

    Tenure._fence_off = not_fenced_off  # type: ignore[method-assign]


MUTANTS: dict[str, Callable[[Trap], None]] = {
    "store-before-commit": store_before_commit,
    "no-fence": no_fence,
    "offset-one-off": offset_one_off,
    "no-barrier": no_barrier,
}
