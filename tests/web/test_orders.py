"""An order and its events over HTTP: versions as tags, stored bytes untouched, faults named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from yarl import URL

from tests.web.stored import store_events, store_order

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from tests.web.conftest import Served
    from tests.web.stub import Group

FIRST = b'{"specversion":"1.0", "id":"o-1@1" , "n":1.50}'  # spaces and digits that no encoder would write
SECOND = b'{"specversion":"1.0","id":"o-1@2","s":"\\u00e9"}'


async def test_an_order_is_shown_with_its_version_as_a_strong_tag(
    group: Group, w1: Served, http: ClientSession
) -> None:
    store_order(group, "o-1", version=3)
    async with http.get(w1[0].make_url("/orders/o-1")) as answer:
        assert answer.status == 200
        assert answer.headers["ETag"] == '"3"'
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert answer.headers["Content-Type"] == "application/json"
        order = await answer.json()
    assert order["order_id"] == "o-1"
    assert order["version"] == 3
    assert order["status"] == {"order": "placed", "payment": "none", "fulfilment": "unfulfilled"}


@pytest.mark.parametrize("held", ['"3"', 'W/"3"', '"1", "3"', "*", 'W/"9" , W/"3"'])
@pytest.mark.parametrize("path", ["/orders/o-1", "/orders/o-1/events"])
async def test_what_the_client_holds_is_not_sent_again(
    group: Group, w1: Served, http: ClientSession, held: str, path: str
) -> None:
    store_order(group, "o-1", version=3)
    store_events(group, "o-1", b"{}", b"{}", b"{}")
    async with http.get(w1[0].make_url(path), headers={"If-None-Match": held}) as answer:
        assert answer.status == 304
        assert answer.headers["ETag"] == '"3"'
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert await answer.read() == b""


@pytest.mark.parametrize("held", ['"2"', "3", '"33"', 'W/"2"', '"2", "4"', ""])
@pytest.mark.parametrize("path", ["/orders/o-1", "/orders/o-1/events"])
async def test_what_has_changed_is_sent(
    group: Group, w1: Served, http: ClientSession, held: str, path: str
) -> None:
    store_order(group, "o-1", version=3)
    store_events(group, "o-1", b"{}", b"{}", b"{}")
    async with http.get(w1[0].make_url(path), headers={"If-None-Match": held}) as answer:
        assert answer.status == 200


async def test_events_are_the_stored_bytes_in_their_order(
    group: Group, w1: Served, http: ClientSession
) -> None:
    store_events(group, "o-1", FIRST, SECOND)
    store_events(group, "o-11", b'"of another order"')
    async with http.get(w1[0].make_url("/orders/o-1/events")) as answer:
        assert answer.headers["Content-Type"] == "application/cloudevents-batch+json"
        assert answer.headers["ETag"] == '"2"'
        assert await answer.read() == b"[" + FIRST + b"," + SECOND + b"]"


async def test_a_long_history_is_read_in_pages(group: Group, w1: Served, http: ClientSession) -> None:
    store_events(group, "o-1", *(b"%d" % number for number in range(1, 8)))
    url, read = w1[0].make_url("/orders/o-1/events?limit=3"), []
    while True:
        async with http.get(url) as answer:
            read += await answer.json(content_type=None)
            following = answer.links.get("next")
        if following is None:
            break
        url = URL(str(following["url"]))
    assert read == [1, 2, 3, 4, 5, 6, 7]


async def test_after_the_last_event_comes_an_empty_batch(
    group: Group, w1: Served, http: ClientSession
) -> None:
    store_events(group, "o-1", FIRST, SECOND)
    async with http.get(w1[0].make_url("/orders/o-1/events?after=2")) as answer:
        assert (answer.status, await answer.read()) == (200, b"[]")


@pytest.mark.parametrize("path", ["/orders/o-9", "/orders/o-9/events", "/orders/o-9/events?after=1"])
async def test_an_unknown_order_is_a_problem_with_a_code(w1: Served, http: ClientSession, path: str) -> None:
    async with http.get(w1[0].make_url(path)) as answer:
        assert answer.status == 404
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["Cache-Control"] == "no-store"
        problem = await answer.json(content_type=None)
    assert problem["type"] == "/problems/order-unknown"
    assert problem["code"] == "order-unknown"
    assert problem["status"] == 404


@pytest.mark.parametrize(
    "segment",
    [
        "%FF",  # no UTF-8
        "%C3%28",
        "%zz",
        "100%",
        "%00",
        "%0A",
        "%20o-1",
        "e%CC%81",  # e and a combining accent: not NFC
        "%EF%BB%BFo-1",  # BOM
        "%ED%A0%80",  # half a surrogate pair
        "x" * 129,
    ],
)
@pytest.mark.parametrize("path", ["/orders/{}", "/orders/{}/events"])
async def test_a_malformed_id_is_400_and_not_404(
    w1: Served, http: ClientSession, segment: str, path: str
) -> None:
    async with http.get(URL(str(w1[0].make_url("/")) + path.format(segment)[1:], encoded=True)) as answer:
        assert answer.status == 400
        problem = await answer.json(content_type=None)
    assert problem["code"] == "malformed-request"
    assert [fault["parameter"] for fault in problem["errors"]] == ["order_id"]


@pytest.mark.parametrize(
    ("segment", "order_id"),
    [
        ("a%2Fb", "a/b"),
        ("%C3%A9", "é"),
        ("100%25", "100%"),
        ("%252F", "%2F"),
        ("a+b", "a+b"),
        ("a%20b", "a b"),
        ("%F0%9F%8D%B5", "🍵"),
    ],
)
async def test_an_id_is_percent_decoded_once(
    group: Group, w1: Served, w2: Served, http: ClientSession, segment: str, order_id: str
) -> None:
    store_order(group, order_id)
    for server in (w1[0], w2[0]):
        async with http.get(URL(f"{server.make_url('/')}orders/{segment}", encoded=True)) as answer:
            assert answer.status == 200
            assert (await answer.json())["order_id"] == order_id


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("limit=0", ["limit"]),
        ("limit=1001", ["limit"]),
        ("limit=x&after=-1", ["after", "limit"]),
        ("limit=", ["limit"]),
        ("after=1&after=2", ["after"]),
        ("limit=%D9%A3", ["limit"]),  # an Arabic three, which int() would read
        ("limit=%FF", ["after", "limit"]),
    ],
)
async def test_every_wrong_parameter_is_named(
    group: Group, w1: Served, http: ClientSession, query: str, wrong: list[str]
) -> None:
    store_events(group, "o-1", FIRST)
    async with http.get(URL(f"{w1[0].make_url('/')}orders/o-1/events?{query}", encoded=True)) as answer:
        assert answer.status == 400
        problem = await answer.json(content_type=None)
    assert sorted(fault["parameter"] for fault in problem["errors"]) == wrong
