"""The probes: alive is progress by partition, ready is assigned and recovered."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from tests.web.conftest import Served
    from tests.web.stub import Group


async def test_an_idle_worker_is_alive(group: Group, w1: Served, http: ClientSession) -> None:
    group.give_all_to(None)
    async with http.get(w1[0].make_url("/livez")) as answer:
        assert answer.status == 200


async def test_one_stuck_partition_is_not_alive_and_is_named(w1: Served, http: ClientSession) -> None:
    w1[1].stuck_partitions = [2]
    async with http.get(w1[0].make_url("/livez")) as answer:
        assert answer.status == 503
        problem = await answer.json(content_type=None)
    assert problem["code"] == "stuck"
    assert problem["partitions"] == [2]


async def test_a_worker_is_ready_once_its_partitions_have_recovered(
    group: Group, w1: Served, http: ClientSession
) -> None:
    group.recovering = {1}
    async with http.get(w1[0].make_url("/readyz")) as answer:
        assert answer.status == 503
        assert (await answer.json(content_type=None))["worker"]["ready"] is False
    group.recovering = set()
    async with http.get(w1[0].make_url("/readyz")) as answer:
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert (await answer.json())["active"] == [0, 1, 2, 3]
