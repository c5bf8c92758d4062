"""The cycle: the one place where anything is decided, written or committed.

A worker turns one cycle after the other, over all lanes that it owns; while one batch is being committed (3 to 8),
the next is decided (1 and 2) on top of what it changes.

1. take    what has arrived on the lanes, bounded in records and bytes
2. decide  run the agents' handlers, one record at a time, in slices of a few milliseconds
3. pack    build record batches: outputs, changed rows, dead letters, and the positions of the sources
4. send    begin the transaction, and produce it all; every acknowledgement is waited for
5. fence   hand the positions to the consumer group, with the generation that the lanes were assigned in
6. commit  end the transaction
7. store   apply the rows to RocksDB, with the offsets of their changelogs
8. settle  the lanes move on; whoever waits for these records learns of it

Nothing outside this process sees anything before 6, and everything at 6. A crash before 6 leaves an open
transaction that the next owner waits for; a crash after 6 leaves rows that recovery reads from the changelogs.
If a broker fails between 4 and 6, the batch is in doubt (`app.lane.doubt`). It is still in memory: if it was not
committed, it is sent again as it was decided. A stale generation ends the cycle: the lanes are another's.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from app.lane.batch import Batch, Share, Stats
from app.lane.deciding import Decider
from app.lane.doubt import resolve
from app.lane.fencing import StaleMember
from app.lane.packing import pack
from app.lane.patience import we_are_cancelled
from app.lane.positions import NoOffset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.lane.config import LaneConfig
    from app.lane.fencing import Member
    from app.lane.lane import Lane
    from app.lane.packing import Packed
    from app.lane.plan import Plan
    from app.lane.producer import LaneProducer

log = logging.getLogger(__name__)


class Cycle:
    """Turns, until it is cancelled, closed, or another owns the lanes (StaleMember, Gone)."""

    def __init__(
        self, config: LaneConfig, plan: Plan, member: Member, lanes: Sequence[Lane], producer: LaneProducer,
        stats: Stats,
    ) -> None:  # fmt: skip
        self._config, self._plan, self._member, self._lanes = config, plan, member, lanes
        self.producer = producer
        self.stats = stats
        self.wake = asyncio.Event()  # set when a lane was fed
        self.closing = False
        self._decider = Decider(config, plan, stats)

    async def run(self) -> None:
        """Cycle until `close` was called and the work in hand is done.

        One batch may be under way to the brokers while the next one is decided on top of it; never two. What arrives
        until the first has landed still joins the second.
        """
        under_way: asyncio.Task[None] | None = None
        try:
            while not self.closing:
                batch = await self.gather(under_way)
                if under_way is not None:
                    await under_way
                    under_way = None
                if batch is not None:
                    self.launch(batch)
                    under_way = asyncio.create_task(self.deliver(batch))
                    under_way.add_done_callback(lambda _: self.wake.set())
            if under_way is not None:
                await under_way
        finally:
            if under_way is not None and not under_way.done():
                under_way.cancel()
                await asyncio.wait([under_way])

    async def gather(self, under_way: asyncio.Task[None] | None) -> Batch | None:
        """Decide what arrives until the batch under way has landed; without one, until there is something."""
        batch: Batch | None = None
        while True:
            self.wake.clear()
            batch = self.take(batch)
            arrived = batch is not None and bool(batch.undecided)
            if batch is not None and arrived:
                await self.decide(batch)
            landed = under_way is None or under_way.done()
            if self.closing or (landed and (batch is not None or under_way is not None)):
                return batch
            if not arrived:
                await self.wake.wait()

    def close(self) -> None:  # the cycle in progress is the last one
        self.closing = True
        self.wake.set()

    async def deliver(self, batch: Batch) -> None:
        """Take one decided batch to its end, through whatever the brokers do meanwhile."""
        committed = False
        while not committed:
            packed = await self.pack(batch)
            try:
                async with asyncio.timeout(self._config.transaction_deadline):
                    await self.send(batch, packed)
                    await self.fence(batch)
                    await self.commit()
                committed = True
            except StaleMember:
                raise
            except (Exception, asyncio.CancelledError) as error:
                if we_are_cancelled():
                    raise
                # aiokafka fails in many ways, and all of them mean this:
                log.warning("a transaction is in doubt: %r", error)
                self.stats.in_doubt += 1
                self.stats.outage_at = time.monotonic()
                self.producer, committed = await resolve(
                    self._config, self._member, self.producer, batch.moves(self._plan), self.stats
                )
        await self.store(batch)
        self.settle(batch)

    # ------------------------------------------------------------ 1
    def take(self, batch: Batch | None = None) -> Batch | None:
        """Add what has arrived to the batch, or begin one. The lanes that have something share its bounds."""
        ready = [lane for lane in self._lanes if lane.ready]
        records, size = self._config.cycle_records, self._config.cycle_bytes
        if batch is not None:
            records, size = records - batch.records, size - batch.size
        if not ready or records <= 0 or size <= 0:
            return batch
        batch = batch or Batch([])
        for lane in ready:
            batch.add(Share(lane, *lane.take(records // len(ready) + 1, size // len(ready))))
        return batch

    # ------------------------------------------------------------ 2
    async def decide(self, batch: Batch) -> None:
        """Run the handlers over what was taken since."""
        await self._decider.decide(batch)

    def launch(self, batch: Batch) -> None:
        """Take the batch's changes out of the rows; the next batch is decided on top of them."""
        batch.changes = [(rows, rows.launch()) for rows in {share.lane.rows: None for share in batch.shares}]

    # ------------------------------------------------------------ 3
    async def pack(self, batch: Batch) -> Packed:
        """Return the record batches: in each partition, records in the order in which they were emitted."""
        packed: Packed = []
        for at, records in batch.outgoing(self._plan):
            packed += pack(self.producer, at, records, batch.now_ms)
            await asyncio.sleep(0)
        return packed

    # ------------------------------------------------------------ 4
    async def send(self, batch: Batch, packed: Packed) -> None:
        """Produce it all, and wait for every acknowledgement: the positions must lie there before step 5."""
        producer = self.producer
        await producer.begin()
        sends = [await producer.send_batch(b, tp.topic, partition=tp.partition) for tp, b in packed]
        results = await asyncio.gather(*sends)
        if any(result is None or result.offset < 0 for result in results):
            raise NoOffset
        batch.next_offsets = {
            tp: result.offset + records.record_count()
            for (tp, records), result in zip(packed, results, strict=True)
        }

    # ------------------------------------------------------------ 5
    async def fence(self, batch: Batch) -> None:
        """Raise StaleMember if the lanes were assigned to somebody else since."""
        await self.producer.send_positions(batch.positions)

    # ------------------------------------------------------------ 6
    async def commit(self) -> None:
        await self.producer.commit()

    # ------------------------------------------------------------ 7
    async def store(self, batch: Batch) -> None:
        """One write to each partition's database: its rows, and the offsets of their changelogs."""
        for rows, changes, offsets in batch.writes(self._plan):
            rows.store.apply(changes, offsets)
            rows.landed()
            await asyncio.sleep(0)  # a write holds the interpreter lock: let others breathe between two

    # ------------------------------------------------------------ 8
    def settle(self, batch: Batch) -> None:
        """Nothing of this batch is pending any more."""
        for lane, records, position in batch.shares:
            lane.committed(len(records), position)
        self.stats.cycles += 1
        self.stats.records += sum(len(records) for _, records, _ in batch.shares)
