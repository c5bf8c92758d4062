"""The Faust app of a laned application: its agents, tables, group and web server are Faust's; delivery is ours."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from zlib import crc32

import faust
from faust.stores import STORES
from faust.transport.drivers import TRANSPORTS
from faust.types import TP

from app.lane.admin import ensure_topics
from app.lane.lanes import Lanes
from app.lane.tables import TableManager

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from app.lane.config import LaneConfig
    from app.lane.declare import Agent, Topic

TRANSPORTS.aliases["lane"] = "app.lane.transport:Transport"
STORES.aliases["lane"] = "app.lane.tables:Store"

log = logging.getLogger(__name__)

_NEVER = 10 * 365 * 86_400.0  # seconds


class Worker(faust.Worker):
    """Faust's worker without its spinner, which turns the root logger to DEBUG: a tenth of the time of a worker."""

    def on_setup_root_logger(self, logger: logging.Logger, level: int) -> None:
        """Leave the level as it was set."""


class LaneApp(faust.App):
    """A Faust app whose agents are handlers of lanes. Further keywords are Faust's settings."""

    def __init__(
        self, config: LaneConfig, agents: Sequence[Agent[Any]], dead_letters: Topic, **settings: Any
    ) -> None:
        self.lanes = Lanes(config, agents, dead_letters)
        super().__init__(
            config.app_id,
            broker=f"lane://{';'.join(config.bootstrap)}",
            store="lane://",
            datadir=str(config.data_dir),
            TableManager=TableManager,
            Worker=Worker,
            topic_partitions=config.partitions,
            topic_replication_factor=config.replication,
            topic_allow_declare=False,
            topic_disable_leader=True,
            table_standby_replicas=config.standbys,
            consumer_group_instance_id=instance_id(config.worker_id, str(settings.get("canonical_url", ""))),
            consumer_auto_offset_reset="earliest",
            consumer_max_fetch_size=config.partition_fetch_bytes,
            broker_client_id=f"{config.app_id}-{config.worker_id}",
            broker_session_timeout=config.session_timeout,
            broker_heartbeat_interval=config.heartbeat_interval,
            broker_request_timeout=max(12.0, 2 * config.session_timeout),
            broker_rebalance_timeout=10.0,
            producer_request_timeout=config.request_timeout,  # of Faust's own; 20 minutes by default
            broker_max_poll_interval=_NEVER,  # a long recovery is no reason to leave; liveness has its own check
            stream_wait_empty=False,
            web_tables_enabled=False,  # it would serve all rows to anybody
            web_router_enabled=False,  # and this one the topology, with wrong partitions
            **settings,
        )
        self._declare()
        self.lanes.owners = self._owner

    async def on_first_start(self) -> None:
        """Before anything of Faust's talks to Kafka: the brokers are there, and the topics are as declared."""
        await ensure_topics(self.lanes.config, self.lanes.plan.topics)
        await super().on_first_start()

    async def _stop_consumer(self) -> None:
        await self.lanes.stop()
        await super()._stop_consumer()

    def _declare(self) -> None:
        """Tell Faust of topics, tables and agents: for its assignor, and for `faust agents` and `faust tables`."""
        partitions = self.lanes.config.partitions
        for table in self.lanes.plan.tables:
            changelog = self.topic(
                self.lanes.plan.changelog[table],
                key_type=bytes,
                value_type=bytes,
                partitions=partitions,
                acks=False,
            )
            self.Table(
                table.name, key_type=bytes, value_type=bytes, partitions=partitions, changelog_topic=changelog,
                help=type(table).__name__,
            )  # fmt: skip
        for declared in self.lanes.plan.agents.values():
            topic = self.topic(
                declared.source.name, key_type=bytes, value_type=bytes, value_serializer="raw", acks=False,
                partitions=partitions,
            )  # fmt: skip
            self.agent(topic, name=declared.name)(_placeholder(declared))

    def _owner(self, partition: int) -> str | None:
        """Return the web address of the worker that owns a partition, as of the last assignment."""
        for topic in self.lanes.plan.by_changelog:
            assignor: Any = self.assignor
            url = assignor._tps_url.get(TP(topic, partition))  # noqa: SLF001 - no public way
            return str(url) if url is not None else None
        return None


def instance_id(worker_id: str, url: str) -> str:
    """Return the name by which the group knows a worker again, if it comes back within its session.

    The group answers it with what it had, its address included. One that comes back at another address is another
    member: it gets its share when the session of the former one is over, and all learn where it is.
    """
    return f"{worker_id}.{crc32(url.encode()):08x}" if url else worker_id


def _placeholder(declared: Agent[Any]) -> Any:
    """Return an agent for Faust to list and to subscribe for: the lane calls the handler, not Faust."""

    async def lane(stream: AsyncIterator[Any]) -> None:
        async for _ in stream:
            raise RuntimeError(f"a record for {declared.name} went past its lane")

    lane.__name__ = lane.__qualname__ = declared.handler.__name__
    lane.__doc__, lane.__module__ = declared.help, declared.handler.__module__
    return lane
