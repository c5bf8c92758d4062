"""The Faust app, and everything that it runs, on one page."""

from __future__ import annotations

import asyncio
import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvloop

from agents.decide_carts import decide_carts
from agents.decide_orders import decide_orders
from agents.decide_returns import decide_returns
from agents.decide_stock import decide_stock
from agents.project_orders import project_orders
from agents.run_processes import run_processes
from app.lane.app import LaneApp
from app.lane.config import LaneConfig
from app.lane.declare import Table
from app.settings import Settings, load
from app.topics import DEAD_LETTERS
from app.web.site import routes

if TYPE_CHECKING:
    from app.lane.declare import Agent, AnyTable

AGENTS = (decide_orders, decide_stock, decide_returns, decide_carts, run_processes, project_orders)


def lane_config(settings: Settings) -> LaneConfig:
    """Return what the engine must be told, of what the operator has set."""
    return LaneConfig(
        app_id=settings.app_id,
        worker_id=settings.worker_id,
        bootstrap=tuple(settings.kafka_url.split(",")),
        partitions=settings.partitions,
        replication=settings.replication_factor,
        min_insync=settings.min_insync_replicas,
        data_dir=Path(settings.data_dir),
        standbys=settings.standby_replicas,
        session_timeout=settings.session_timeout,
        heartbeat_interval=settings.heartbeat_interval,
        transaction_timeout=settings.transaction_timeout,
        transaction_deadline=settings.transaction_deadline,
        request_timeout=settings.request_timeout,
        lost_grace=settings.lost_grace,
        cycle_records=settings.cycle_records,
        cycle_bytes=settings.cycle_bytes,
        slice_seconds=settings.slice_ms / 1000,
        lane_records=settings.lane_records,
        fetch_wait_ms=settings.fetch_wait_ms,
        max_record_bytes=settings.max_record_bytes,
        memory_bytes=settings.memory_mb << 20,
        cached_rows=settings.row_cache,
    )


def chosen(names: str) -> tuple[Agent[Any], ...]:
    """Return the agents that a worker runs: all, or those with these names. Raises SystemExit with one line."""
    wanted = [each.strip() for each in names.split(",") if each.strip()]
    there = {each.name: each for each in AGENTS}
    for name in wanted:
        if name not in there:
            raise SystemExit(
                f"orderlane: AGENTS={names}: no agent is called {name}; there are {', '.join(there)}"
            )
    found = tuple(each for each in AGENTS if not wanted or each.name in wanted)
    # Of agents that share a table, the first one writes its rows, and the others would read for ever what it was.
    writers: dict[AnyTable, Agent[Any]] = {
        table: each for each in reversed(AGENTS) for table in each.tables if isinstance(table, Table)
    }
    for each in found:
        for table in each.tables:
            writer = writers.get(table)
            if writer is not None and writer not in found:
                raise SystemExit(
                    f"orderlane: AGENTS={names}: {each.name} reads {table.name}, which {writer.name} writes"
                )
    return found


def build(settings: Settings) -> LaneApp:
    """Return the app, with its agents, tables and pages."""
    made = LaneApp(
        lane_config(settings),
        chosen(settings.agents),
        DEAD_LETTERS,
        web_host=settings.web_host,
        web_bind=settings.web_host,
        web_port=settings.web_port,
        canonical_url=settings.web_url,
    )
    routes(made, settings)
    return made


SETTINGS = load()
app = build(SETTINGS)


def run_worker() -> None:
    """Run a worker until it is told to stop. Faust's own command line does it."""
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())  # Faust's --loop comes too late for this process
    # What a cycle makes lives for a cycle, and holds no loops: looking for garbage among it is in vain.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    # The consumer's thread and this one take turns many times a cycle: 5 ms a turn would be longer than their work.
    sys.setswitchinterval(0.0005)
    level = SETTINGS.log_level.replace("warning", "warn")  # Faust's name for it
    sys.argv = ["faust", "worker", "-l", level]
    app.main()
