"""A cycle on the bench for each test, and the stores that it writes to."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition

from app.lane.batch import Stats
from app.lane.cycle import Cycle
from app.lane.fencing import Member
from app.lane.lane import Lane
from app.lane.plan import Plan
from app.lane.rows import Rows
from app.lane.store import Stores
from tests.lane.bench import HERE, Bench, Wire
from tests.lane.depot import AGENTS, LETTERS, depot_config

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    opened = Stores(tmp_path, 16 << 20)
    yield opened
    opened.close()


@pytest.fixture
async def bench(tmp_path: Path, stores: Stores) -> AsyncIterator[Bench]:
    maker = AIOKafkaProducer(transactional_id="t", max_batch_size=1 << 20)  # never started
    config = depot_config(tmp_path, transaction_deadline=2.0)
    plan = Plan(config, AGENTS, LETTERS)
    rows = Rows(HERE, stores.open(HERE), plan, 100)
    lanes = {
        agent.source.name: Lane(
            TopicPartition(agent.source.name, HERE), agent, rows, 0, 1000, asyncio.Event()
        )
        for agent in AGENTS
    }
    wire, stats = Wire(maker.create_batch), Stats()
    producer: Any = wire
    cycle = Cycle(config, plan, Member(1, "m", "w1"), list(lanes.values()), producer, stats)
    yield Bench(cycle, lanes, rows, wire, stats, plan)
    await maker.stop()
