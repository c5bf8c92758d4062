"""All lanes of a worker, as the rest of the process sees them: fed by the consumer, asked by the web, given and
taken by the group. At most one tenure at a time.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

from app.lane.batch import Stats
from app.lane.doubt import Gone
from app.lane.fencing import Member, StaleMember
from app.lane.partition import partition_of
from app.lane.patience import we_are_cancelled
from app.lane.plan import Plan
from app.lane.postbox import Postbox
from app.lane.producer import LaneProducer
from app.lane.reading import OUTAGE
from app.lane.store import Stores
from app.lane.tenure import GoLive, Tenure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

    from aiokafka import TopicPartition

    from app.lane.config import LaneConfig
    from app.lane.declare import Agent, AnyTable, Topic
    from app.lane.fetching import Fetched
    from app.lane.lane import Lane
    from app.lane.store import Store

log = logging.getLogger(__name__)

_OUTAGE = 30.0  # seconds for which a failure of a broker explains why nothing moves


class Reader:
    """Committed rows of one table in one partition, for the web."""

    __slots__ = ("_prefix", "_store")

    def __init__(self, store: Store, prefix: bytes) -> None:
        self._store, self._prefix = store, prefix

    def get(self, key: bytes) -> bytes | None:
        stored: bytes | None = self._store.get(self._prefix + key)
        return stored

    def scan(self, start: bytes, until: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        """Return at most `limit` rows with start <= key < until, in the order of their keys."""
        prefix, cut = self._prefix, len(self._prefix)
        return [(key[cut:], value) for key, value in self._store.scan(prefix + start, prefix + until, limit)]


class Lanes:
    """The engine of one worker process."""

    def __init__(self, config: LaneConfig, agents: Sequence[Agent[Any]], dead_letters: Topic) -> None:
        self.config = config
        self.plan = Plan(config, agents, dead_letters)
        self.stores = Stores(config.data_dir, config.memory_bytes)
        self.stats = Stats()
        self.tenure: Tenure | None = None
        self._task: asyncio.Task[None] | None = None
        self.appetite = asyncio.Event()  # a lane is full, or hungry again
        self._postbox = Postbox(
            ",".join(config.bootstrap),
            f"{config.app_id}-{config.worker_id}-ticks",
            partitions=config.partitions,
            largest=config.max_record_bytes,
            request_timeout=config.request_timeout,
        )
        self._lost_at: float | None = None
        self._lease = 0.0  # monotonic time: until then nobody else can own what is ours
        self.owners: Callable[[int], str | None] = lambda _partition: (
            None
        )  # set by the app: who owns a partition

    # ------------------------------------------------------------ given and taken by the group
    async def assigned(
        self, member: Member, active: Collection[int], standby: Collection[int], go_live: GoLive,
        crash: Callable[[BaseException], Awaitable[None]],
    ) -> None:  # fmt: skip
        """Begin a tenure, in a task of its own: the group must not wait for a recovery."""
        self.renew(time.monotonic())
        await self.revoked("assigned anew")
        self._lost_at = None
        self.tenure = Tenure(
            self.config, self.plan, self.stores, self.stats, member, active, standby, self.appetite
        )
        self._task = asyncio.create_task(self._serve(self.tenure, go_live, crash))

    async def revoked(self, why: str) -> None:
        """End the tenure: what is in hand is committed, or given up after `drain_timeout`."""
        tenure, task = self.tenure, self._task
        self.tenure = self._task = None
        if tenure is not None and task is not None:
            began = time.monotonic()
            await tenure.end(task)
            log.info(
                "gave partitions %s back in %.2f s: %s", sorted(tenure.active), time.monotonic() - began, why
            )

    async def stop(self) -> None:
        await self.revoked("stopping")
        await self._postbox.close()
        self.stores.close()

    async def _serve(
        self, tenure: Tenure, go_live: GoLive, crash: Callable[[BaseException], Awaitable[None]]
    ) -> None:
        try:
            await tenure.run(go_live, self._postbox)
        except (StaleMember, Gone) as lost:
            tenure.live = False
            self._lost_at = time.monotonic()
            log.warning("lost partitions %s: %r", sorted(tenure.active), lost)
            await self._end_open_transaction(tenure)
            await asyncio.sleep(
                self.config.lost_grace
            )  # cancelled by the next assignment, which should come soon
            await crash(RuntimeError(f"no new assignment {self.config.lost_grace} s after {lost!r}"))
        except (Exception, asyncio.CancelledError) as error:
            if we_are_cancelled():
                raise
            tenure.live = False
            log.exception("the lanes cannot go on")
            await crash(error)

    async def _end_open_transaction(self, tenure: Tenure) -> None:
        """Nobody should have to wait for a transaction that we left open."""
        if tenure.cycle is None:
            return
        await tenure.cycle.producer.abandon()
        try:
            tenure.cycle.producer = await LaneProducer.start(self.config, tenure.member)
        except OUTAGE as error:
            log.warning("could not end our open transaction: %r", error)

    def renew(self, sent: float) -> None:
        """The group has answered a heartbeat that was sent then: for a session from there, it waits for us."""
        self._lease = max(self._lease, sent + self.config.session_timeout)

    @property
    def owning(self) -> bool:
        """Whether this worker answers for its partitions: live, and heard by the group of late.

        A process that was stopped and goes on finds its lease over before it answers anything.
        """
        return self.tenure is not None and self.tenure.live and time.monotonic() < self._lease

    # ------------------------------------------------------------ fed by the consumer
    def sources(self) -> set[TopicPartition]:
        """Return the source partitions that are ours to fetch."""
        return set(self._fed())

    def hungry(self) -> set[TopicPartition]:
        """Return those of them that have room for more."""
        return {source for source, lane in self._fed().items() if not lane.full}

    def heard(self, at: Mapping[TopicPartition, float]) -> None:
        """Note when a broker last answered for each source (seconds since 1970)."""
        for source, lane in self._fed().items():
            lane.heard_at = max(lane.heard_at, at.get(source, 0.0))

    def _fed(self) -> dict[TopicPartition, Lane]:
        return self.tenure.lanes if self.tenure is not None and self.tenure.live else {}

    def feed(self, tenure: Tenure | None, found: Sequence[Fetched]) -> None:
        """Take what the consumer fetched. What was fetched for a tenure that is over is ignored."""
        if tenure is None or tenure is not self.tenure or tenure.cycle is None:
            return
        for source, records, position in found:
            lane = tenure.lanes.get(source)
            if lane is not None:
                lane.feed(records, position)
                if lane.ready:
                    tenure.cycle.wake.set()

    # ------------------------------------------------------------ asked by the web
    def partition_of(self, key: bytes) -> int:
        return partition_of(key, self.config.partitions)

    @property
    def partitions(self) -> int:
        return self.config.partitions

    def keeps(self, table: AnyTable) -> bool:
        """Return whether an agent that runs here has this table."""
        return table in self.plan.prefix

    def reader(self, table: AnyTable, partition: int) -> Reader | None:
        """Return the committed rows, or None where this worker is not the recovered owner of the partition."""
        tenure = self.tenure
        if tenure is None or not self.owning or partition not in tenure.active:
            return None
        return Reader(self.stores.open(partition), self.plan.prefix[table])

    def owner_url(self, partition: int) -> str | None:
        """Return the web address of a partition's owner, as of the last assignment."""
        return self.owners(partition)

    def status(self) -> dict[str, Any]:
        """Return what `/readyz` shows. Ready: assigned, recovered, not lost, and heard by the group of late."""
        tenure = self.tenure
        return {
            "ready": self.owning,
            "generation": tenure.member.generation if tenure else None,
            "active": sorted(tenure.active) if tenure else [],
            "standby": sorted(tenure.standby) if tenure else [],
            "recovering": tenure.progress.line()
            if tenure and not tenure.live and tenure.progress.left
            else None,
            "lost_for_s": round(time.monotonic() - self._lost_at, 1) if self._lost_at is not None else None,
        }

    def stuck(self, seconds: float) -> list[int]:
        """Return the partitions that make no progress: with work and no commit, unheard of, or never taken over.

        While the brokers fail us, nothing is: a restart would not help.
        """
        tenure, now = self.tenure, time.monotonic()
        if tenure is None or now - self.stats.outage_at < max(_OUTAGE, 2 * self.config.transaction_deadline):
            return []
        if not tenure.live:
            return sorted(tenure.active) if now - tenure.progress.moved_at > seconds else []
        return sorted({lane.source.partition for lane in tenure.lanes.values() if lane.stuck_for() > seconds})
