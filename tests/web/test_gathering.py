"""A list on all partitions: whole from whichever worker is asked, in order, stable, and never failed by one of them."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from yarl import URL

from app.views import worklists
from app.views.heads import Head
from app.web import gathering
from app.web.forwarding import HOP
from app.web.gathering import PARTITIONS, Found, Gathered, Wanted
from app.web.listing import the_first
from tables.worklists import ORDER_LIST_HEADS
from tests.running import free_port
from tests.web.stored import store_listed
from tests.web.stub import PARTITIONS as ALL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import ClientSession
    from aiohttp.test_utils import TestServer

    from tests.web.conftest import Served
    from tests.web.stub import Group

LOST = [1, 3]  # the partitions of w2


@pytest.fixture(autouse=True)
def _shared(group: Group) -> None:
    """Let w1 own the partitions 0 and 2, and w2 the others."""
    group.owners = {number: ("w1", "w2")[number % 2] for number in range(ALL)}


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "PATIENCE", 0.3)
    monkeypatch.setattr(gathering, "ATTEMPT", 0.1)


def fill(group: Group, count: int = 40) -> list[str]:
    """List orders on all partitions. Return them in their order."""
    for minute in range(count):
        store_listed(group, f"o-{minute}", minute)
    assert all(group.tables["order-lists", number].rows for number in range(ALL)), (
        "something is on every partition"
    )
    return [f"o-{minute}" for minute in range(count)]


async def ask(http: ClientSession, url: URL) -> tuple[int, dict[str, Any], str]:
    """Return status, body, and the header that names what is missing."""
    async with http.get(url) as answer:
        return (
            answer.status,
            await answer.json(content_type=None),
            answer.headers.get("Orderlane-Missing", ""),
        )


def orders(server: TestServer, **query: str) -> URL:
    return server.make_url("/orders").with_query({"status": "placed"} | query)


def ids(body: dict[str, Any]) -> list[str]:
    return [row["order_id"] for row in body["orders"]]


@pytest.mark.parametrize("asked", ["w1", "w2"])
async def test_either_worker_has_the_whole_list_in_its_order(
    group: Group, w1: Served, w2: Served, http: ClientSession, asked: str
) -> None:
    expected = fill(group)
    store_listed(group, "confirmed", 0, "confirmed")
    status, body, missing = await ask(http, orders({"w1": w1, "w2": w2}[asked][0]))
    assert (status, ids(body), missing) == (200, expected, "")
    assert (body["list"], body["next"], body["missing"]) == ("placed", None, [])
    assert body["orders"][0]["units"] == 0  # a default, yet there


async def test_pages_neither_hide_nor_repeat_what_was_there_at_first(
    group: Group, w1: Served, w2: Served, http: ClientSession
) -> None:
    expected, seen, cursor, turn = fill(group), list[str](), "", 0
    while cursor or not turn:
        query = {"limit": "7", **({"cursor": cursor} if cursor else {})}
        _, body, _ = await ask(http, orders((w1, w2)[turn % 2][0], **query))
        seen += ids(body)
        cursor, turn = body["next"], turn + 1
        for rows in group.tables.values():  # what was read goes to another list, and new orders come
            for key in [key for key in rows.rows if key[-4:] == seen[-1].encode()[-4:]]:
                del rows.rows[key]
        store_listed(group, f"older-{turn}", -turn)
    assert seen == expected
    assert turn == 6


@pytest.mark.usefixtures("w2")
async def test_the_last_full_page_says_that_it_is_the_last(
    group: Group, w1: Served, http: ClientSession
) -> None:
    fill(group)
    _, body, _ = await ask(http, orders(w1[0], limit="40"))
    assert (len(ids(body)), body["next"]) == (40, None)


async def test_the_link_leads_to_the_next_page(
    group: Group, w1: Served, w2: Served, http: ClientSession
) -> None:
    expected = fill(group)
    async with http.get(orders(w1[0], limit="10")) as answer:
        following = URL(answer.links["next"]["url"]).relative()
    _, body, _ = await ask(http, w2[0].make_url(str(following)))
    assert ids(body) == expected[10:20]


async def test_a_list_is_read_from_its_head_on_every_partition(
    group: Group, w1: Served, w2: Served, http: ClientSession
) -> None:
    expected, of = fill(group), worklists.prefix("placed")
    for number in range(ALL):
        rows = sorted(group.tables["order-lists", number].rows)
        head = Head(first=rows[2], at_ms=0)  # as if what lies before it had left
        group.tables["order-list-heads", number].rows[of] = ORDER_LIST_HEADS.encode(head)
    _, body, _ = await ask(http, orders(w1[0]))
    assert ids(body) == [each for each in expected if each in ids(body)]
    assert len(ids(body)) == len(expected) - 2 * ALL
    _, first, _ = await ask(http, orders(w2[0], limit="20"))
    _, second, _ = await ask(http, orders(w1[0], limit="20", cursor=first["next"]))
    assert ids(first) + ids(second) == ids(body)


async def test_an_owner_is_asked_once_whatever_it_owns(
    group: Group, w1: Served, w2: Served, http: ClientSession
) -> None:
    fill(group)
    await ask(http, orders(w1[0]))
    assert (w1[1].answered, w2[1].answered) == (4, 4)  # two tables of two partitions each


@pytest.mark.usefixtures("_impatient", "w2")
async def test_a_lost_worker_is_named_and_the_rest_is_answered(
    group: Group, w1: Served, http: ClientSession
) -> None:
    expected = fill(group)
    group.urls["w2"] = f"http://127.0.0.1:{free_port()}"
    status, body, missing = await ask(http, orders(w1[0]))
    assert (status, body["missing"], missing) == (200, LOST, "1,3")
    assert 0 < len(ids(body)) < len(expected)
    assert ids(body) == [each for each in expected if each in ids(body)]


@asynccontextmanager
async def silent() -> AsyncIterator[str]:
    """Listen, and say nothing."""

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


@pytest.mark.usefixtures("_impatient", "w2")
async def test_a_frozen_worker_costs_no_more_than_the_patience(
    group: Group, w1: Served, http: ClientSession
) -> None:
    fill(group)
    async with silent() as url:
        group.urls["w2"] = url
        status, body, _ = await ask(http, orders(w1[0]))
    assert (status, body["missing"]) == (200, LOST)


async def test_a_partition_that_moves_is_waited_for(
    group: Group, w1: Served, w2: Served, http: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "PATIENCE", 20.0)
    expected = fill(group)
    group.owners[3], group.recovering = None, {1}
    asking = asyncio.create_task(ask(http, orders(w1[0])))
    async with asyncio.timeout(20):
        while not w2[1].asked:  # noqa: ASYNC110 - it will be asked for partition 1, and is not ready
            await asyncio.sleep(0.01)
    group.owners[3], group.recovering = "w1", set()
    _, body, _ = await asking
    assert (ids(body), body["missing"]) == (expected, [])


@pytest.mark.usefixtures("_impatient")
async def test_when_nothing_can_be_read_it_is_a_503(group: Group, w1: Served, http: ClientSession) -> None:
    group.give_all_to(None)
    status, body, _ = await ask(http, orders(w1[0]))
    assert (status, body["code"]) == (503, "partition-moving")


@pytest.mark.parametrize("named", ["", "x", "1,,2", "4", "-1"])
async def test_a_part_that_no_worker_would_ask_for_is_malformed(
    w1: Served, http: ClientSession, named: str
) -> None:
    async with http.get(orders(w1[0]), headers={HOP: "1", PARTITIONS: named}) as answer:
        assert answer.status == 400


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ({}, ["status"]),
        ({"status": "Placed"}, ["status"]),
        ({"status": "placed", "limit": "201"}, ["limit"]),
        ({"status": "placed", "limit": "0", "cursor": "!"}, ["cursor", "limit"]),
        ({"status": "placed", "cursor": "Y29uZmlybWVkAA"}, ["cursor"]),  # of the list of confirmed ones
        ({"status": "placed", "cursor": "cGxhY2VkAA=="}, ["cursor"]),
        ({"status": "placed", "cursor": "cGxhY2VkAB"}, ["cursor"]),  # not what encoding it gives
    ],
)
async def test_what_is_wrong_is_named(
    w1: Served, http: ClientSession, query: dict[str, str], wrong: list[str]
) -> None:
    status, body, _ = await ask(http, w1[0].make_url("/orders").with_query(query))
    assert status == 400
    assert sorted(fault["parameter"] for fault in body["errors"]) == wrong


@pytest.mark.parametrize("asked", ["w1", "w2"])
async def test_a_list_that_no_agent_keeps_is_a_problem_of_its_own(
    w1: Served, w2: Served, http: ClientSession, asked: str
) -> None:
    for _, lanes in (w1, w2):
        lanes.left_out = {"order-lists"}
    status, body, _ = await ask(http, orders({"w1": w1, "w2": w2}[asked][0]))
    assert (status, body["code"]) == (404, "not-kept")


def nothing(*_: Any) -> Found:
    return Found(())


def test_never_more_rows_are_kept_than_a_page_needs() -> None:
    gathered = Gathered(Wanted((), b"", b"\xff", 3, nothing, the_first), range(2))
    gathered.add(Found([(b"%d" % n, b"") for n in (1, 4, 7)]), (0,))
    assert gathered.until == b"7\0"  # nothing behind it can be among the first three
    gathered.add(Found([(b"%d" % n, b"") for n in (2, 3, 5)]), (1,))
    assert [key for key, _ in gathered.rows()] == [b"1", b"2", b"3"]
    assert (gathered.until, gathered.missing) == (b"3\0", set())


def test_what_a_partition_has_not_looked_at_is_left_for_the_next_page() -> None:
    gathered = Gathered(Wanted((), b"", b"\xff", 5, nothing, the_first), range(2))
    gathered.add(Found([(b"1", b""), (b"6", b"")]), (0,))
    gathered.add(Found([(b"2", b"")], upto=b"4"), (1,))
    assert [key for key, _ in gathered.rows()] == [b"1", b"2"]
    assert gathered.upto == b"4"
