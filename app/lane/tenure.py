"""A tenure: what a worker holds from one assignment of partitions to the next, and how it takes it over.

Taking over, in this order:

1. start the producer: that ends a transaction which this worker left open
2. write a barrier to every partition that a former owner may still write to (`app.lane.positions`)
3. read the changelogs up to the barrier into RocksDB: from the offset that each database holds
4. take the positions of the sources, which are rows
5. go live: the consumer fetches from the positions, the cycle turns, the web answers

Standby partitions, and the indexes of the active ones, are followed beside it, from the end of 4 on.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import TYPE_CHECKING

from aiokafka import TopicPartition

from app.lane.cycle import Cycle
from app.lane.lane import Lane
from app.lane.positions import NoOffset, barrier
from app.lane.producer import LaneProducer
from app.lane.reading import OUTAGE, ends, read
from app.lane.recovery import Progress, StateMismatch, check_start
from app.lane.rows import Rows
from app.lane.sweeper import sweep
from app.lane.ticks import Ticker

if TYPE_CHECKING:
    from app.lane.batch import Stats
    from app.lane.config import LaneConfig
    from app.lane.declare import Record
    from app.lane.fencing import Member
    from app.lane.plan import Plan
    from app.lane.postbox import Postbox
    from app.lane.store import Stores

log = logging.getLogger(__name__)

Limits = dict[TopicPartition, tuple[int, int]]  # first offset, and the one after the last
GoLive = Callable[[dict[TopicPartition, int]], Awaitable[None]]


class Tenure:
    """The partitions of one generation, from assignment to revocation."""

    def __init__(
        self, config: LaneConfig, plan: Plan, stores: Stores, stats: Stats, member: Member,
        active: Collection[int], standby: Collection[int], appetite: asyncio.Event,
    ) -> None:  # fmt: skip
        self.member = member
        self.active = frozenset(active)
        self.standby = frozenset(standby)
        self.lanes: dict[TopicPartition, Lane] = {}
        self.live = False
        self.progress = Progress()
        self.cycle: Cycle | None = None
        self._config, self._plan, self._stores, self._stats = config, plan, stores, stats
        self._appetite = appetite  # set when a lane is full, or hungry again
        self._producer: LaneProducer | None = None

    # ------------------------------------------------------------ life
    async def run(self, go_live: GoLive, postbox: Postbox) -> None:
        """Take over, then cycle. Raises StaleMember or Gone when the lanes turn out to be another's.

        An outage of the brokers is waited for; a state that contradicts Kafka raises StateMismatch. Ticks go by the
        postbox.
        """
        self._stores.keep_only({*self.active, *self.standby})
        positions = await self.take_over() if self.active else {}
        await go_live(positions)
        self.live = True
        kept = [*self.active, *self.standby]
        work = [
            asyncio.create_task(self._follow()),
            asyncio.create_task(sweep(self._plan, self._stores, kept)),
            asyncio.create_task(Ticker(self.lanes.values(), self._config.partitions, postbox).run()),
        ]
        if self.cycle is not None:
            work.append(asyncio.create_task(self.cycle.run()))
        try:
            done, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
            for task in done:  # only the cycle ends by itself, when it was closed
                task.result()
        finally:
            for task in work:
                task.cancel()
            await asyncio.wait(work)

    async def end(self, task: asyncio.Task[None]) -> None:
        """Let the cycle under way finish, within bounds, and release what the tenure holds."""
        self.live = False
        if self.cycle is not None:
            self.cycle.close()
            await asyncio.wait([task], timeout=self._config.drain_timeout)
        drained = self.cycle is not None and task.done() and not task.cancelled() and task.exception() is None
        task.cancel()
        await asyncio.wait([task])
        producer = self.cycle.producer if self.cycle is not None else self._producer
        if producer is not None:
            await (producer.close() if drained else producer.abandon())
        self.lanes = {}

    # ------------------------------------------------------------ taking over
    async def take_over(self) -> dict[TopicPartition, int]:
        """Return where each source goes on, with everything in place to go on from there."""
        config, began = self._config, time.monotonic()
        sources = [
            TopicPartition(topic, number) for topic in self._plan.agents for number in sorted(self.active)
        ]
        changelogs = self._changelogs(self.active)
        marks = await self._fence_off(changelogs)
        limits = await ends(config, [*sources, *changelogs])
        await self._restore(marks, limits)
        found = {tp: self._stores.open(tp.partition).position(tp.topic) for tp in sources}
        positions = await self._checked(found, limits)
        self._open_lanes(positions)
        log.info("took over partitions %s in %.2f s", sorted(self.active), time.monotonic() - began)
        return positions

    async def _checked(
        self, found: dict[TopicPartition, int | None], limits: Limits
    ) -> dict[TopicPartition, int]:
        """Return where each source goes on: where nobody has been, at its beginning. Raises StateMismatch.

        A broker that was frozen may answer once with an end of the past: it is asked again for a while.
        """
        until = time.monotonic() + self._config.session_timeout
        while True:
            positions = {
                tp: limits[tp][0] if position is None else position for tp, position in found.items()
            }
            wrong = [
                tp for tp, position in positions.items() if not limits[tp][0] <= position <= limits[tp][1]
            ]
            if not wrong:
                return positions
            if time.monotonic() > until:
                raise StateMismatch.position(wrong[0], positions[wrong[0]], *limits[wrong[0]])
            await asyncio.sleep(0.2)
            limits = await ends(self._config, found)

    async def _fence_off(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Steps 1 and 2, until they succeed."""
        while True:
            try:
                self._producer = await LaneProducer.start(self._config, self.member)
                return await barrier(self._producer, partitions, self._config.transaction_deadline)
            except (*OUTAGE, NoOffset) as error:
                log.warning("cannot take over yet: %r", error)
                self._stats.outage_at = time.monotonic()
                if self._producer is not None:
                    await self._producer.abandon()
                await asyncio.sleep(0.2)

    async def _restore(self, until: dict[TopicPartition, int], limits: Limits) -> None:
        """Bring the databases of the active partitions up to the barrier."""
        start = {tp: self._start(tp, limits[tp][0], offset + 1) for tp, offset in until.items()}
        self.progress.begin(start, until)
        async with self.progress.reported():
            await read(self._config, start, self._apply, until)

    async def _follow(self) -> None:
        """Apply, for as long as the tenure lasts, what others commit: to standby partitions, and to our indexes."""
        changelogs = self._changelogs(self.standby) + [
            tp for tp in self._changelogs(self.active) if tp.topic in self._plan.indexes
        ]
        if changelogs:
            limits = await ends(self._config, changelogs)
            start = {tp: self._start(tp, limits[tp][0], None) for tp in changelogs}
            await read(self._config, start, self._apply, None)
        await asyncio.Event().wait()

    def _start(self, changelog: TopicPartition, first: int, last: int | None) -> int:
        offset = self._stores.open(changelog.partition).next_offset(changelog.topic)
        keep = self._plan.keep[changelog.topic]
        return check_start(changelog, offset, first=first, last=last, keep=keep)

    def _apply(self, tp: TopicPartition, records: Sequence[Record], next_offset: int) -> None:
        changes = self._plan.changes(tp.topic, records)
        self._stores.open(tp.partition).apply(changes, [(tp.topic, next_offset)])
        self.progress.advance(tp, len(records), next_offset)

    def _changelogs(self, partitions: Collection[int]) -> list[TopicPartition]:
        return [TopicPartition(t, number) for t in self._plan.by_changelog for number in sorted(partitions)]

    def _open_lanes(self, positions: dict[TopicPartition, int]) -> None:
        config, plan = self._config, self._plan
        cap = max(100, config.cached_rows // (2 * len(self.active)))
        rows = {n: Rows(n, self._stores.open(n), plan, cap) for n in self.active}
        self.lanes = {
            source: Lane(
                source,
                plan.agents[source.topic],
                rows[source.partition],
                position,
                config.lane_records,
                self._appetite,
            )
            for source, position in positions.items()
        }
        assert self._producer is not None  # noqa: S101 - fenced off with it
        self.cycle = Cycle(config, plan, self.member, list(self.lanes.values()), self._producer, self._stats)
