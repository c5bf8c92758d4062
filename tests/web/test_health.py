"""The probes: alive is progress by partition, ready is assigned and recovered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.web.stub import served

if TYPE_CHECKING:
    import pytest
    from aiohttp import ClientSession

    from tests.web.conftest import Served
    from tests.web.stub import Group


async def test_an_idle_worker_is_alive(group: Group, w1: Served, http: ClientSession) -> None:
    group.give_all_to(None)
    async with http.get(w1[0].make_url("/livez")) as answer:
        assert answer.status == 200


async def test_one_stuck_partition_is_not_alive_and_is_named(w1: Served, http: ClientSession) -> None:
    w1[1].without_commit = {1: 59, 2: 61}
    async with http.get(w1[0].make_url("/livez")) as answer:
        assert answer.status == 503
        problem = await answer.json(content_type=None)
    assert problem["code"] == "stuck"
    assert (problem["partitions"], problem["seconds"]) == ([2], 60)


async def test_when_a_partition_counts_as_stuck_is_a_setting(
    group: Group, http: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUCK_AFTER", "120")
    async with served(group, "patient") as (server, lanes):
        for waited, status in ((119, 200), (121, 503)):
            lanes.without_commit = {2: waited}
            async with http.get(server.make_url("/livez")) as answer:
                assert answer.status == status


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
