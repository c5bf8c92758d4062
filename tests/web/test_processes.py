"""Processes that wait, that wait too long, and the timeline of an order: from any worker, without looking at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from yarl import URL

from app.domain.order.commands import Checkout
from app.domain.processes.state import Process
from app.lane.ticks import due_key
from app.views.heads import Head
from app.views.timeline import Entry, key
from app.web import processes
from app.wire.events import journal_key
from app.wire.process_rows import Kept
from tables.journal import JOURNAL
from tables.processes import FIRST_WAITING, PROCESSES, TIMELINE, WAITING_HEAD, WAITING_PROCESSES
from tests.web.stored import PLACED_AT
from tests.web.stub import PARTITIONS

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from tests.web.conftest import Served
    from tests.web.stub import Group

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
JUST_NOW = datetime(9000, 1, 1, tzinfo=UTC)  # no clock of a test gets there


@pytest.fixture(autouse=True)
def _shared(group: Group) -> None:
    group.owners = {number: ("w1", "w2")[number % 2] for number in range(PARTITIONS)}


async def get(http: ClientSession, worker: Served, path: str) -> tuple[int, Any]:
    async with http.get(URL(f"{worker[0].make_url('/')}{path}", encoded=True)) as answer:
        return answer.status, await answer.json(content_type=None)


async def listed(http: ClientSession, worker: Served, query: str) -> list[str]:
    """Return the orders of all pages."""
    found: list[str] = []
    cursor = ""
    while True:
        status, body = await get(http, worker, f"processes?{query}{cursor}")
        assert status == 200
        found += [row["order_id"] for row in body["processes"]]
        if body["next"] is None:
            return found
        cursor = f"&cursor={body['next']}"


def store(group: Group, order_id: str, since: datetime, *, ended: bool = False, failing: str = "") -> None:
    """Store a process that waits for its payment, or has ended."""
    process = Process(
        order_id=order_id, since=since, asked=Checkout(warehouse="north"), ended=ended, failing=failing
    )
    of = order_id.encode()
    group.rows(PROCESSES, of)[of] = PROCESSES.encode(Kept(process=process, correlation_id="cmd-1"))
    if not ended:
        group.rows(WAITING_PROCESSES, of)[due_key(int(since.timestamp() * 1000), of)] = b"-"


def fill(group: Group) -> None:
    """Store 12 that are stuck, 12 that have only begun to wait, and 50 that have ended."""
    for number in range(12):
        store(group, f"stuck-{number}", LONG_AGO + timedelta(days=number))
        store(group, f"young-{number}", JUST_NOW + timedelta(days=number))
    for number in range(50):
        store(group, f"ended-{number}", LONG_AGO, ended=True)


STUCK = [f"stuck-{number}" for number in range(12)]
YOUNG = [f"young-{number}" for number in range(12)]


@pytest.mark.parametrize("limit", [3, 50])
async def test_the_longest_waiting_come_first_and_those_that_ended_are_not_among_them(
    group: Group, w1: Served, w2: Served, http: ClientSession, limit: int
) -> None:
    fill(group)
    for worker in (w1, w2):
        assert await listed(http, worker, f"state=waiting&limit={limit}") == STUCK + YOUNG
        assert await listed(http, worker, f"state=stuck&limit={limit}") == STUCK
        assert len(await listed(http, worker, f"state=all&limit={limit}")) == 74


@pytest.mark.usefixtures("w2")
async def test_a_page_of_the_stuck_looks_at_a_bounded_number_of_processes(
    group: Group, w1: Served, http: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "LOOKED_AT", 2)
    for number in range(30):  # they have waited for ever, but each for something new
        store(group, f"busy-{number}", LONG_AGO)
        process = Process(order_id=f"busy-{number}", since=JUST_NOW, asked=Checkout(warehouse="north"))
        of = process.order_id.encode()
        group.rows(PROCESSES, of)[of] = PROCESSES.encode(Kept(process=process))
    for number in range(12):
        store(group, f"stuck-{number}", LONG_AGO + timedelta(days=1 + number))
    status, body = await get(http, w1, "processes?state=stuck&limit=5")
    assert (status, body["processes"]) == (200, [])
    assert body["next"] is not None
    assert await listed(http, w1, "state=stuck&limit=5") == STUCK


async def test_the_list_of_those_that_wait_is_read_from_its_head(
    group: Group, w1: Served, w2: Served, http: ClientSession
) -> None:
    fill(group)
    for number in range(PARTITIONS):
        rows = sorted(group.tables["waiting-processes", number].rows)
        head = Head(first=rows[1], at_ms=0)  # as if the first one had gone on
        group.tables["waiting-head", number].rows[FIRST_WAITING] = WAITING_HEAD.encode(head)
    for worker in (w1, w2):
        listed_now = await listed(http, worker, "state=waiting&limit=7")
        assert len(listed_now) == 24 - PARTITIONS
        assert listed_now == [each for each in STUCK + YOUNG if each in listed_now]


async def test_a_process_says_what_it_waits_for_and_since_when(
    group: Group, w1: Served, w2: Served, http: ClientSession
) -> None:
    store(group, "o-1", LONG_AGO, failing="out-of-stock")
    status, body = await get(http, w2, "processes?state=stuck")
    (row,) = body["processes"]
    assert (row["stage"], row["failing"], row["stuck"]) == ("giving-up", "out-of-stock", True)
    assert row["waits"] == [
        {"what": "giving-up", "since": "2026-01-01T00:00:00Z", "bound_s": 300, "stuck": True, "code": ""}
    ]
    for worker in (w1, w2):
        status, one = await get(http, worker, "processes/o-1")
        assert (status, one["correlation_id"], one["tasks"], one["timers"]) == (200, "cmd-1", [], [])
        assert one["waits"] == row["waits"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("processes", 400, "malformed-request"),
        ("processes?state=lost", 400, "malformed-request"),
        ("processes/o-9", 404, "process-unknown"),
        ("orders/o-9/timeline", 404, "order-unknown"),
        ("orders/o-9/timeline?cursor=AAAA", 400, "malformed-request"),
    ],
)
async def test_what_is_wrong_or_unknown_is_a_problem(
    w1: Served, w2: Served, http: ClientSession, path: str, status: int, code: str
) -> None:
    for worker in (w1, w2):
        found, body = await get(http, worker, path)
        assert (found, body["code"]) == (status, code)


def store_story(group: Group, order_id: str) -> list[str]:
    """Store 6 events of an order and 9 entries of its processes. Return their ids in the order of the story."""
    of = order_id.encode()
    story: list[tuple[datetime, int, str]] = []
    for number in range(6):
        at = PLACED_AT + timedelta(seconds=3 * number)
        event = {
            "specversion": "1.0", "id": f"{order_id}@{number + 1}", "source": "/orders", "type": "note-added.v1",
            "subject": order_id, "time": at, "sequence": str(number + 1), "correlationid": "cmd-1",
            "causationid": f"cmd-{number}", "data": {},
        }  # fmt: skip
        group.rows(JOURNAL, of)[journal_key(of, number + 1)] = msgspec.json.encode(event)
        story.append((at, 0, f"{order_id}@{number + 1}"))
    for number in range(9):
        at = PLACED_AT + timedelta(seconds=2 * number)
        entry = Entry(kind="command", id=f"e-{number}", type="reserve-stock.v1", subject="tea@north", time=at)
        group.rows(TIMELINE, of)[key(order_id, at, number)] = TIMELINE.encode(entry)
        story.append((at, 1, f"e-{number}"))
    return [each for _, _, each in sorted(story)]


@pytest.mark.parametrize("limit", [1, 2, 4, 14, 15, 50])
@pytest.mark.parametrize(("order_id", "path"), [("o-1", "o-1"), ("ä/b?c#d e%", "%C3%A4%2Fb%3Fc%23d%20e%25")])
async def test_the_timeline_of_an_order_is_one_story_whatever_its_pages(
    group: Group, w1: Served, w2: Served, http: ClientSession, limit: int, order_id: str, path: str
) -> None:
    expected, found, turns = store_story(group, order_id), list[str](), 0
    store_story(group, f"{order_id}1")
    following: str | None = f"/orders/{path}/timeline?limit={limit}"
    while following:
        server = (w1, w2)[turns % 2][0]
        async with http.get(
            URL(f"{str(server.make_url('/')).rstrip('/')}{following}", encoded=True)
        ) as answer:
            assert answer.status == 200
            found += [each["id"] for each in (await answer.json())["timeline"]]
            link = answer.headers.get("Link", "")
        following, turns = link.removeprefix("<").partition(">")[0] or None, turns + 1
    assert found == expected
    assert turns == -(-15 // limit)


async def test_each_entry_of_a_timeline_says_who_caused_it(
    group: Group, w1: Served, w2: Served, http: ClientSession
) -> None:
    store_story(group, "o-1")
    for worker in (w1, w2):
        _, body = await get(http, worker, "orders/o-1/timeline?limit=2")
        assert body["timeline"][0] == {
            "of_order": True, "time": "2026-11-25T08:00:00Z", "kind": "event", "id": "o-1@1",
            "type": "note-added.v1", "subject": "o-1", "causation_id": "cmd-0", "correlation_id": "cmd-1",
            "code": "",
        }  # fmt: skip
        assert body["timeline"][1]["of_order"] is False


async def test_without_the_agent_of_the_processes_their_pages_say_so(
    group: Group, w1: Served, w2: Served, http: ClientSession
) -> None:
    store_story(group, "o-1")
    for _, lanes in (w1, w2):
        lanes.left_out = {"processes", "waiting-processes", "timeline"}
    for path in ("processes?state=stuck", "processes/o-1", "orders/o-1/timeline"):
        status, body = await get(http, w1, path)
        assert (status, body["code"]) == (404, "not-kept")
