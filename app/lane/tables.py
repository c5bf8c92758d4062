"""Faust's tables, where they must differ: the rows live in `app.lane.store`, and only a cycle writes them."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from faust.stores import base
from faust.tables.manager import TableManager as FaustTableManager

from app.lane.fencing import Member

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiokafka import TopicPartition

log = logging.getLogger(__name__)


class TableManager(FaustTableManager):
    """Begins a tenure where Faust would begin its own recovery."""

    app: Any  # a LaneApp

    def __init__(self, app: Any, **kwargs: Any) -> None:
        super().__init__(app, **kwargs)
        self.recovered = asyncio.Event()

    async def on_start(self) -> None:
        await self._update_channels()  # Faust sleeps a second before, and starts its recovery after it

    def on_partitions_revoked(self, revoked: set[Any]) -> None:
        """Nothing of Faust's is buffered; the lanes were drained by the consumer."""

    async def on_rebalance(
        self,
        assigned: set[Any],  # noqa: ARG002 - Faust's signature; the assignor knows which are active
        revoked: set[Any],  # noqa: ARG002 - as above
        newly_assigned: set[Any],  # noqa: ARG002 - what was kept is opened anew as well
        generation_id: int = 0,
    ) -> None:
        self._recovery_started.set()  # too late to add tables
        await self._update_channels()
        app = self.app
        if generation_id != app.consumer_generation_id:
            log.warning("generation %s is over already: %s", generation_id, app.consumer_generation_id)
            return
        coordinator = app.consumer._thread._ensure_consumer()._coordinator  # noqa: SLF001 - no public way
        member = Member(generation_id, coordinator.member_id, app.conf.consumer_group_instance_id)
        mine = {*app.lanes.plan.agents, *self.changelog_topics}
        active = {tp.partition for tp in app.assignor.assigned_actives() if tp.topic in mine}
        standby = {tp.partition for tp in app.assignor.assigned_standbys() if tp.topic in mine} - active
        await app.lanes.assigned(member, active, standby, self._go_live, app.crash)

    async def _go_live(self, positions: dict[TopicPartition, int]) -> None:
        """What Faust does when its recovery is over."""
        app = self.app
        await app.on_rebalance_complete.send()
        await app.consumer.start_sources(positions)
        app.flow_control.resume()
        app.consumer.resume_flow()
        await app._fetcher.maybe_start()  # noqa: SLF001 - as Faust's own recovery does
        self.on_actives_ready()
        self.on_standbys_ready()
        app.on_rebalance_end()
        self.recovered.set()

    async def wait_until_recovery_completed(self) -> bool:
        return await self.wait_for_stopped(self.recovered)  # type: ignore[arg-type] # as Faust itself does


class Store(base.Store[Any, Any]):
    """A Faust table's view of the rows: read only, committed, of the partition that the key lives on."""

    app: Any  # a LaneApp

    def _stored(self, key: bytes) -> bytes | None:
        lanes = self.app.lanes
        table = next(t for t in lanes.plan.tables if t.name == self.table_name)
        reader = lanes.reader(table, lanes.partition_of(key))
        return None if reader is None else reader.get(key)

    def __getitem__(self, key: bytes) -> bytes:
        found = self._stored(key)
        if found is None:
            raise KeyError(key)
        return found

    def __contains__(self, key: object) -> bool:
        return isinstance(key, bytes) and self._stored(key) is not None

    def __setitem__(self, key: bytes, value: bytes) -> None:
        raise TypeError("rows change in a turn only: see app.lane.turn")

    def __delitem__(self, key: bytes) -> None:
        raise TypeError("rows change in a turn only: see app.lane.turn")

    def __iter__(self) -> Iterator[bytes]:
        raise TypeError("a table is read by key, or by the reader of one partition")

    def __len__(self) -> int:
        raise TypeError("counting would scan every partition")

    def apply_changelog_batch(self, *_: Any) -> None:
        raise TypeError("recovery is app.lane.tenure's")

    def reset_state(self) -> None:
        """Nothing of Faust's to forget."""

    async def backup_partition(self, *_: Any, **__: Any) -> None:
        raise NotImplementedError("the changelogs are the backup")

    def restore_backup(self, *_: Any, **__: Any) -> None:
        raise NotImplementedError("the changelogs are the backup")
