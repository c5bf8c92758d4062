"""A forwarded request and its answer arrive unchanged, and a broken answer does not look whole."""

from __future__ import annotations

import asyncio
import gzip
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from yarl import URL

from app.lane.declare import Keep, Topic, TopicTable
from app.web import routing
from app.web.forwarding import HOP
from app.web.problem import problems
from app.web.routing import Router
from tests.web.stub import Group, StubLanes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from app.web.lanes import Reader

TOYS = TopicTable("toys", Topic("toys", Keep.EVERYTHING), lambda key, value: (key, value), bytes)


@pytest.fixture
async def router(group: Group) -> Router:
    """Return the router of a worker, w1, whose partitions all belong to w2."""
    group.give_all_to("w2")
    return Router(StubLanes(group, "w1"), "http://127.0.0.1:1")


@pytest.fixture
async def toy(router: Router) -> AsyncIterator[str]:
    """Serve `/toys/{id}` by w1, for any method."""

    async def toys(request: web.Request) -> web.StreamResponse:
        return await router.answer(request, b"t-1", TOYS, _never)

    app = web.Application(middlewares=[problems])
    app.cleanup_ctx.append(router.forwarder.connections)
    app.router.add_route("*", "/toys/{id}", toys)
    server = TestServer(app)
    await server.start_server()
    yield str(server.make_url("/toys"))
    await server.close()


def _never(_: Reader) -> web.Response:
    raise AssertionError("w1 owns nothing")


@pytest.fixture
async def owner(group: Group) -> AsyncIterator[Callable[[Callable[..., Any]], Awaitable[None]]]:
    """Return a function that makes a handler the whole of worker w2."""
    servers: list[TestServer] = []

    async def serve(handler: Callable[..., Any]) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handler)
        server = TestServer(app)
        await server.start_server()
        servers.append(server)
        group.urls["w2"] = str(server.make_url("/")).rstrip("/")

    yield serve
    for server in servers:
        await server.close()


async def test_method_path_query_headers_and_body_arrive_as_they_were_sent(
    toy: str, owner: Callable[[Callable[..., Any]], Awaitable[None]], http: ClientSession
) -> None:
    seen: dict[str, Any] = {}

    async def echo(request: web.Request) -> web.Response:
        seen.update(method=request.method, target=request.raw_path, headers=request.headers.copy())
        seen["body"] = await request.read()
        return web.Response(body=b"\xff\x00raw", headers=[("xTwo", "1"), ("xTwo", "2")], status=418)

    await owner(echo)
    headers = {"X-Mine": "1", "Accept": "a/b", "Connection": "keep-alive, X-Hop", "X-Hop": "no"}
    target = f"{toy}/a%2Fb%25?q=%C3%A9&q=+"
    async with http.put(URL(target, encoded=True), data=b"\x00\xffbody", headers=headers) as answer:
        assert (answer.status, await answer.read()) == (418, b"\xff\x00raw")
        assert [pair for pair in answer.raw_headers if pair[0].startswith(b"x")] == [
            (b"xTwo", b"1"),
            (b"xTwo", b"2"),
        ]
    assert (seen["method"], seen["body"]) == ("PUT", b"\x00\xffbody")
    assert seen["target"] == "/toys/a%2Fb%25?q=%C3%A9&q=+"
    assert seen["headers"]["X-Mine"] == "1"
    assert seen["headers"]["Accept"] == "a/b"
    assert "X-Hop" not in seen["headers"], "it concerned one connection only"
    assert HOP in seen["headers"]


async def test_a_compressed_answer_stays_compressed(
    toy: str, owner: Callable[[Callable[..., Any]], Awaitable[None]], http: ClientSession
) -> None:
    squeezed = gzip.compress(b"tea " * 100)

    async def compressed(_: web.Request) -> web.Response:
        return web.Response(body=squeezed, headers={"Content-Encoding": "gzip"})

    await owner(compressed)
    async with http.get(f"{toy}/1") as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert await answer.read() == squeezed


async def test_a_long_answer_is_passed_on_while_it_comes(
    toy: str, owner: Callable[[Callable[..., Any]], Awaitable[None]], http: ClientSession
) -> None:
    go_on = asyncio.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"first")
        await go_on.wait()
        await response.write(b"second")
        return response

    await owner(slow)
    async with http.get(f"{toy}/1") as answer:
        assert await answer.content.readany() == b"first"
        go_on.set()
        assert await answer.content.read() == b"second"


async def test_an_answer_that_breaks_off_does_not_look_whole(
    toy: str, owner: Callable[[Callable[..., Any]], Awaitable[None]], http: ClientSession
) -> None:
    async def broken(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"half")
        assert request.transport is not None
        request.transport.abort()
        return response

    await owner(broken)
    async with http.get(f"{toy}/1") as answer:
        with pytest.raises(Exception, match=r"payload|closed|Connection"):
            await answer.read()


async def test_a_dead_or_frozen_owner_does_not_hold_a_request_for_ever(
    group: Group,
    toy: str,
    owner: Callable[[Callable[..., Any]], Awaitable[None]],
    http: ClientSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(routing, "PATIENCE", 0.5)
    monkeypatch.setattr(routing, "ATTEMPT", 0.2)
    frozen = asyncio.Event()
    asked = 0

    async def silent(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        await frozen.wait()
        return web.Response()

    await owner(silent)
    async with http.get(f"{toy}/1") as answer:
        assert answer.status == 503
    assert asked > 1, "a read is tried again"
    async with http.post(f"{toy}/1", data=b"x") as answer:
        assert answer.status == 502, "what may have had its effect is not sent twice"
    frozen.set()
    group.urls["w2"] = "http://127.0.0.1:1"
    async with http.post(f"{toy}/1", data=b"x") as answer:
        assert answer.status == 503, "what never arrived may be tried again"


async def test_a_worker_that_recovers_does_not_ask_itself(
    group: Group,
    router: Router,
    toy: str,
    owner: Callable[[Callable[..., Any]], Awaitable[None]],
    http: ClientSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(routing, "PATIENCE", 0.2)
    asked = 0

    async def count(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.Response()

    await owner(count)
    router.own_url = group.urls["w2"]
    async with http.get(f"{toy}/1") as answer:
        assert answer.status == 503
    assert asked == 0
