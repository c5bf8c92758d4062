"""Whichever worker is asked, the ready owner answers, once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from app.web import routing
from app.web.forwarding import HOP, NOT_OWNER
from tests.web.stored import store_events, store_order

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from tests.web.conftest import Served
    from tests.web.stub import Group


async def test_the_owner_answers_from_its_own_rows(group: Group, w1: Served, http: ClientSession) -> None:
    store_order(group, "o-1")
    async with http.get(w1[0].make_url("/orders/o-1")) as answer:
        assert answer.status == 200
    assert w1[1].answered == 1


async def test_another_worker_forwards_to_the_owner(
    group: Group, w1: Served, w2: Served, http: ClientSession
) -> None:
    store_order(group, "o-1")
    async with http.get(w1[0].make_url("/orders/o-1")) as direct:
        expected = await direct.read()
    async with http.get(w2[0].make_url("/orders/o-1")) as forwarded:
        assert (forwarded.status, await forwarded.read()) == (200, expected)
        for name in ("ETag", "Cache-Control", "Content-Type", "Content-Length"):
            assert forwarded.headers.getall(name) == direct.headers.getall(name)
    assert (w1[1].answered, w2[1].answered) == (2, 0)


@pytest.mark.parametrize("path", ["/orders/o-1", "/orders/o-1/events", "/orders/none", "/customers/c/orders"])
async def test_a_head_is_answered_alike_here_and_there(
    group: Group, w1: Served, w2: Served, http: ClientSession, path: str
) -> None:
    store_order(group, "o-1")
    store_events(group, "o-1", b"{}")
    seen = []
    for server in (w1[0], w2[0]):
        async with http.get(server.make_url(path)) as whole:
            length = len(await whole.read())
        async with http.head(server.make_url(path)) as answer:
            assert await answer.read() == b""
            assert int(answer.headers["Content-Length"]) == length
            seen.append((answer.status, answer.headers["Content-Type"], answer.headers.get("ETag")))
    assert seen[0] == seen[1]


async def test_what_the_client_holds_is_not_sent_by_the_owner_either(
    group: Group, w1: Served, w2: Served, http: ClientSession
) -> None:
    store_order(group, "o-1", version=3)
    for server in (w1[0], w2[0]):
        for method in ("GET", "HEAD"):
            url = server.make_url("/orders/o-1")
            async with http.request(method, url, headers={"If-None-Match": '"3"'}) as answer:
                assert (answer.status, await answer.read()) == (304, b"")
                assert answer.headers["ETag"] == '"3"'
                assert "Transfer-Encoding" not in answer.headers


async def test_a_request_is_forwarded_once_even_if_two_workers_point_at_each_other(
    group: Group, w1: Served, w2: Served, http: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routing, "PATIENCE", 0.2)
    group.give_all_to("w2")
    w2[1].name = "w3"  # w2 does not know yet that it owns anything: it would send everything to itself
    async with http.get(w2[0].make_url("/orders/o-1"), headers={HOP: "1"}) as hopped:
        assert hopped.status == 503
        assert (await hopped.json(content_type=None))["code"] == "not-the-owner"
        assert hopped.headers[NOT_OWNER] == "1"
    async with http.get(w1[0].make_url("/orders/o-1")) as answer:
        assert answer.status == 503
        assert (await answer.json(content_type=None))["code"] == "partition-moving"
        assert answer.headers["Retry-After"] == "1"


async def test_a_request_waits_while_its_partition_moves(
    group: Group, w1: Served, w2: Served, http: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routing, "PATIENCE", 60.0)
    store_order(group, "o-1")
    group.give_all_to(None)
    asked = asyncio.ensure_future(http.get(w1[0].make_url("/orders/o-1")))
    await asyncio.sleep(0.1)
    assert not asked.done()
    group.recovering = set(group.owners)
    group.give_all_to("w2")
    await asyncio.sleep(0.1)
    assert not asked.done()
    group.recovering = set()
    async with await asked as answer:
        assert answer.status == 200
    assert (w1[1].answered, w2[1].answered) == (0, 1)


async def test_a_request_that_waits_is_answered_here_once_the_partition_arrives_here(
    group: Group, w1: Served, http: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routing, "PATIENCE", 60.0)
    store_order(group, "o-1")
    group.recovering = set(group.owners)
    group.urls["w1"] = "http://127.0.0.1:1"  # it need not reach itself by HTTP
    asked = asyncio.ensure_future(http.get(w1[0].make_url("/orders/o-1")))
    await asyncio.sleep(0.1)
    group.recovering = set()
    async with await asked as answer:
        assert answer.status == 200


async def test_no_owner_in_time_is_a_503_that_says_when_to_ask_again(
    group: Group, w1: Served, http: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routing, "PATIENCE", 0.2)
    group.give_all_to(None)
    async with http.get(w1[0].make_url("/orders/o-1")) as answer:
        assert answer.status == 503
        assert answer.headers["Retry-After"] == "1"
        assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("asked", ["w1", "w2"])
async def test_what_no_agent_keeps_here_is_a_problem_of_its_own(
    group: Group, w1: Served, w2: Served, http: ClientSession, asked: str
) -> None:
    store_order(group, "o-1")
    for _, lanes in (w1, w2):
        lanes.left_out = {"orders"}
    server = {"w1": w1, "w2": w2}[asked][0]
    async with http.get(server.make_url("/orders/o-1")) as answer:
        assert answer.status == 404
        assert (await answer.json(content_type=None))["code"] == "not-kept"
