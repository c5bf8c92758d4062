"""One or two workers of a stubbed group, and a client without a memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession, DummyCookieJar

from tests.web.stub import Group, served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

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
