"""A customer's orders in pages: newest first, each order once, whatever is written in between."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING, Any

import pytest
from yarl import URL

from tests.web.stored import store_customer_order

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from tests.web.conftest import Served
    from tests.web.stub import Group


def a_cursor(place: bytes) -> str:
    return urlsafe_b64encode(place).decode().rstrip("=")


async def page(http: ClientSession, url: URL) -> tuple[list[str], str]:
    """Return the ids of a page, and the cursor of the next one or nothing."""
    async with http.get(url) as answer:
        assert answer.status == 200
        body: dict[str, Any] = await answer.json()
        assert all(row["status"] == "placed" for row in body["orders"])  # a default, yet there
        assert ("next" in answer.links) == (body["next"] is not None)
    return [row["order_id"] for row in body["orders"]], body["next"] or ""


async def test_the_newest_order_comes_first(group: Group, w1: Served, http: ClientSession) -> None:
    for minute in (5, 9, 7):
        store_customer_order(group, "c-1", f"o-{minute}", minute)
    store_customer_order(group, "c-11", "of another customer", 8)
    orders, following = await page(http, w1[0].make_url("/customers/c-1/orders"))
    assert orders == ["o-9", "o-7", "o-5"]
    assert following == ""


async def test_orders_of_one_moment_are_all_there(group: Group, w1: Served, http: ClientSession) -> None:
    for name in "cab":
        store_customer_order(group, "c-1", name, 5)
    url = w1[0].make_url("/customers/c-1/orders")
    first, cursor = await page(http, url.with_query(limit="2"))
    second, _ = await page(http, url.with_query(limit="2", cursor=cursor))
    assert first + second == ["a", "b", "c"]


async def test_a_cursor_neither_hides_nor_repeats_what_was_there_at_first(
    group: Group, w1: Served, w2: Served, http: ClientSession
) -> None:
    for minute in range(10, 20):
        store_customer_order(group, "c-1", f"o-{minute}", minute)
    seen: list[str] = []
    cursor, turn = "", 0
    while cursor or not turn:
        server = (w1, w2)[turn % 2][0]
        query = {"limit": "3", **({"cursor": cursor} if cursor else {})}
        orders, cursor = await page(http, server.make_url("/customers/c-1/orders").with_query(query))
        seen += orders
        turn += 1
        store_customer_order(group, "c-1", f"newer-{turn}", 100 + turn)  # before every cursor
        store_customer_order(group, "c-1", seen[-1], int(seen[-1].removeprefix("o-")))  # changed in place
    assert seen == [f"o-{minute}" for minute in range(19, 9, -1)]
    assert turn == 4


async def test_the_last_full_page_says_that_it_is_the_last(
    group: Group, w1: Served, http: ClientSession
) -> None:
    for minute in range(4):
        store_customer_order(group, "c-1", f"o-{minute}", minute)
    url = w1[0].make_url("/customers/c-1/orders")
    _, cursor = await page(http, url.with_query(limit="2"))
    orders, following = await page(http, url.with_query(limit="2", cursor=cursor))
    assert (orders, following) == (["o-1", "o-0"], "")


async def test_a_customer_without_orders_has_an_empty_page(w1: Served, http: ClientSession) -> None:
    assert await page(http, w1[0].make_url("/customers/nobody/orders")) == ([], "")


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("limit=0", ["limit"]),
        ("limit=201", ["limit"]),
        ("limit=2.0", ["limit"]),
        ("limit=00000000000000000000000001", ["limit"]),
        ("cursor=", ["cursor"]),
        ("cursor=!", ["cursor"]),
        ("cursor=AAAA", ["cursor"]),
        (f"cursor={a_cursor(bytes(8) + b'_o-1')}", ["cursor"]),  # no separator
        (f"cursor={a_cursor(bytes(9) + bytes([255]))}", ["cursor"]),  # no UTF-8
        (f"cursor={a_cursor(bytes(9))}", ["cursor"]),  # no order id
        (f"cursor={a_cursor(bytes(9) + b'o-1')}=", ["cursor"]),  # another spelling of a genuine one
        ("cursor=%C3%A9", ["cursor"]),
        ("limit=x&cursor=%00", ["cursor", "limit"]),
    ],
)
async def test_a_wrong_limit_or_cursor_is_named(
    w1: Served, http: ClientSession, query: str, wrong: list[str]
) -> None:
    async with http.get(URL(f"{w1[0].make_url('/')}customers/c-1/orders?{query}", encoded=True)) as answer:
        assert answer.status == 400
        problem = await answer.json(content_type=None)
    assert sorted(fault["parameter"] for fault in problem["errors"]) == wrong
