"""What became of a command, over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.web.stored import store_outcome

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from tests.web.conftest import Served
    from tests.web.stub import Group


async def test_an_outcome_is_the_stored_event(
    group: Group, w1: Served, w2: Served, http: ClientSession
) -> None:
    stored = store_outcome(group, "o-1", "cmd-1")
    for server in (w1[0], w2[0]):
        async with http.get(server.make_url("/commands/cmd-1?order=o-1")) as answer:
            assert answer.status == 200
            assert answer.headers["Content-Type"] == "application/cloudevents+json"
            assert await answer.read() == stored


async def test_a_command_of_another_order_is_unknown_even_in_the_same_partition(
    group: Group, w1: Served, http: ClientSession
) -> None:
    store_outcome(group, "o-1", "cmd-1")
    for number in range(2, 20):
        async with http.get(w1[0].make_url(f"/commands/cmd-1?order=o-{number}")) as answer:
            assert answer.status == 404
            assert (await answer.json(content_type=None))["code"] == "command-unknown"


async def test_the_order_must_be_named(w1: Served, http: ClientSession) -> None:
    for query in ("", "?order=", "?order", "?Order=o-1", "?order=a&order=b"):
        async with http.get(w1[0].make_url(f"/commands/cmd-1{query}")) as answer:
            assert answer.status == 400
            problem = await answer.json(content_type=None)
        assert [fault["parameter"] for fault in problem["errors"]] == ["order"]


async def test_every_fault_is_named_at_once(w1: Served, http: ClientSession) -> None:
    async with http.get(w1[0].make_url("/commands/%20a?order=%20b")) as answer:
        problem = await answer.json(content_type=None)
    assert [fault["parameter"] for fault in problem["errors"]] == ["command_id", "order"]
