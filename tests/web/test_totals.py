"""Totals of days: sums over the partitions, of the days, zones and currencies that were asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.web.stored import store_totals
from tests.web.stub import PARTITIONS

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from tests.web.conftest import Served
    from tests.web.stub import Group

DAYS = ("2026-02-28", "2026-03-01", "2026-03-02", "2026-03-03")


@pytest.fixture(autouse=True)
def _stored(group: Group) -> None:
    """Share the partitions, and store some days of two zones and two currencies: on each partition, 1 order of 100."""
    group.owners = {number: ("w1", "w2")[number % 2] for number in range(PARTITIONS)}
    for partition in range(PARTITIONS):
        for zone, currency in (("Europe/Vienna", "EUR"), ("Europe/Vienna", "USD"), ("UTC", "EUR")):
            for day in DAYS:
                store_totals(group, partition, day, zone, currency, orders=1, ordered=100)
    store_totals(group, 3, "2026-03-01", "UTC", "EUR", orders=10, ordered=1, refunded=5)


async def ask(http: ClientSession, worker: Served, **query: str) -> dict[str, Any]:
    names = {"from_": "from"}
    asked = {names.get(name, name): value for name, value in query.items()}
    async with http.get(worker[0].make_url("/totals").with_query(asked)) as answer:
        assert answer.status == 200
        body: dict[str, Any] = await answer.json()
    return body


def said(body: dict[str, Any]) -> list[tuple[str, str, str, int]]:
    return [(row["zone"], row["currency"], row["day"], row["orders"]) for row in body["totals"]]


async def test_a_day_is_the_sum_of_all_partitions(w1: Served, w2: Served, http: ClientSession) -> None:
    for worker in (w1, w2):
        body = await ask(http, worker, zone="UTC", currency="EUR", from_="2026-03-01", to="2026-03-02")
        assert said(body) == [("UTC", "EUR", "2026-03-01", 13), ("UTC", "EUR", "2026-03-02", 4)]
        first = body["totals"][0]
        assert (first["ordered"], first["refunded"], first["cancelled_orders"]) == (301, 5, 0)
        assert (body["next"], body["missing"]) == (None, [])


@pytest.mark.usefixtures("w2")
async def test_days_of_all_zones_and_currencies_are_found_without_reading_the_others(
    w1: Served, http: ClientSession
) -> None:
    body = await ask(http, w1, from_="2026-03-03")
    assert said(body) == [
        ("Europe/Vienna", "EUR", "2026-03-03", 4),
        ("Europe/Vienna", "USD", "2026-03-03", 4),
        ("UTC", "EUR", "2026-03-03", 4),
    ]
    body = await ask(http, w1, zone="Europe/Vienna", to="2026-02-28")
    assert [row[1:3] for row in said(body)] == [("EUR", "2026-02-28"), ("USD", "2026-02-28")]
    assert said(await ask(http, w1, from_="2026-03-04")) == []


@pytest.mark.parametrize("limit", [1, 2, 5, 12])
async def test_pages_of_totals_together_are_the_whole(
    w1: Served, w2: Served, http: ClientSession, limit: int
) -> None:
    whole, seen, cursor = said(await ask(http, w1)), list[Any](), dict[str, str]()
    assert len(whole) == 12
    while True:
        body = await ask(http, (w1, w2)[len(seen) % 2], limit=str(limit), **cursor)
        seen += said(body)
        if body["next"] is None:
            break
        cursor = {"cursor": body["next"]}
    assert seen == whole


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ({"zone": "Europe/Vienna1"}, ["zone"]),
        ({"zone": "../etc/passwd"}, ["zone"]),
        ({"currency": "EUR"}, ["zone"]),
        ({"zone": "UTC", "currency": "EURO"}, ["currency"]),
        ({"from": "2026-02-30"}, ["from"]),
        ({"from": "20260301"}, ["from"]),
        ({"to": "0000-01-01"}, ["to"]),
        ({"from": "2026-03-02", "to": "2026-03-01"}, ["from"]),
    ],
)
async def test_what_is_wrong_is_named(
    w1: Served, http: ClientSession, query: dict[str, str], wrong: list[str]
) -> None:
    async with http.get(w1[0].make_url("/totals").with_query(query)) as answer:
        assert answer.status == 400
        body = await answer.json(content_type=None)
    assert [fault["parameter"] for fault in body["errors"]] == wrong
