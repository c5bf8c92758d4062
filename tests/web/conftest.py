"""One or two workers of a stubbed group, or two real ones, and clients without a memory."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession, DummyCookieJar

from dev.kafka import Node
from tests.running import Workers, wait_until
from tests.web.shop import PARTITIONS, Desk, Shop
from tests.web.stub import Group, served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from aiohttp.test_utils import TestServer

    from tests.web.stub import StubLanes

Served = tuple["TestServer", "StubLanes"]


@pytest.fixture
def group() -> Group:
    return Group()


@pytest.fixture
async def w1(group: Group) -> AsyncIterator[Served]:
    async with served(group, "w1") as worker:
        yield worker


@pytest.fixture
async def w2(group: Group) -> AsyncIterator[Served]:
    async with served(group, "w2") as worker:
        yield worker


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession(cookie_jar=DummyCookieJar(), auto_decompress=False) as session:
        yield session


@pytest.fixture(scope="package")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Two real workers on a broker of their own (topics have fixed names), and some orders."""
    folder = tmp_path_factory.mktemp("shop")
    settings = {"PARTITIONS": str(PARTITIONS)}
    with Node(folder / "kafka") as node, Workers(node.bootstrap, folder, settings) as workers:
        workers.start("w1", "w2")
        opened = Shop(node.bootstrap, workers)
        wait_shared(opened)
        asyncio.run(_fill(opened))
        yield opened


@pytest.fixture
async def desk(shop: Shop) -> AsyncIterator[Desk]:
    async with shop.desk() as opened:
        yield opened


def wait_shared(shop: Shop) -> None:
    """Wait until w1 and w2 are ready and each owns a half."""
    shop.workers.wait_ready("w1", "w2")
    both = [shop.workers["w1"], shop.workers["w2"]]
    wait_until(
        "w1 and w2 share the partitions",
        lambda: [len(worker.partitions()) for worker in both] == [PARTITIONS // 2] * 2,
        seconds=120,
    )


async def _fill(shop: Shop) -> None:
    """Place 24 orders of 4 customers; cancel a unit of every other."""
    async with shop.desk() as desk:
        names = [f"o-{number}" for number in range(24)]
        for number, name in enumerate(names):
            await desk.place(name, f"c-{number % 4}", minute=number)
        await asyncio.gather(*[desk.decided(name) for name in names])
        for name in names[::2]:
            await desk.cancel_a_unit(name)
        await asyncio.gather(*[desk.decided(name) for name in names])
