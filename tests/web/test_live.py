"""Two real workers: each route, asked of both, against what is on Kafka; readers while orders change."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
import pytest

from app.domain.order.evolver import evolve
from app.views.order import order_answer
from app.wire.orders import decode_order_event
from tests.running import ROOT
from tests.web.shop import PARTITIONS
from tests.web.stored import FACTS

if TYPE_CHECKING:
    from app.domain.order.state import Order
    from tests.web.shop import Answer, Desk, Shop

SHOWN = ("ETag", "Content-Type", "Cache-Control", "Content-Length", "Link")


async def of_both(desk: Desk, path: str, method: str = "GET", **headers: str) -> Answer:
    """Ask both workers; they must say the same. One of the two has forwarded (or each, for its own half)."""
    one, two = [await desk.get(name, path, method, **headers) for name in ("w1", "w2")]
    assert (one.status, one.body) == (two.status, two.body)
    for name in SHOWN:
        assert one.headers.get(name) == two.headers.get(name), (path, name)
    return one


async def test_both_workers_own_a_part_and_together_all(shop: Shop) -> None:
    w1, w2 = (set(shop.workers[name].partitions()) for name in ("w1", "w2"))
    assert w1, "or nothing here is forwarded"
    assert w2, "or nothing here is forwarded"
    assert w1 | w2 == set(range(PARTITIONS))
    assert not w1 & w2


async def test_an_order_is_the_fold_of_its_events_and_these_are_the_bytes_on_kafka(
    shop: Shop, desk: Desk
) -> None:
    published: dict[str, list[bytes]] = defaultdict(list)
    for key, value in await shop.read_all("order-events"):
        published[key.decode()].append(value)
    assert len(published) >= 24
    for order_id, events in published.items():
        batch = await of_both(desk, f"/orders/{quote(order_id, safe='')}/events")
        assert batch.body == b"[" + b",".join(events) + b"]"
        folded: Order | None = None
        for event in events:
            folded = evolve(folded, decode_order_event(event).data, order_id)
        assert folded is not None
        shown = await of_both(desk, f"/orders/{quote(order_id, safe='')}")
        assert shown.body == msgspec.json.encode(order_answer(folded))
        assert shown.headers["ETag"] == batch.headers["ETag"] == f'"{len(events)}"'


async def test_outcomes_are_the_bytes_on_kafka(shop: Shop, desk: Desk) -> None:
    outcomes = await shop.read_all("command-outcomes")
    assert len(outcomes) >= 36
    for key, value in outcomes:
        order_id = quote(json.loads(value)["subject"], safe="")
        answer = await of_both(desk, f"/commands/{key.decode()}?order={order_id}")
        assert (answer.status, answer.body) == (200, value)


async def test_what_the_client_holds_is_not_sent_again(shop: Shop, desk: Desk) -> None:
    for order_id, version in shop.versions.items():
        for path in (f"/orders/{order_id}", f"/orders/{order_id}/events"):
            same = await of_both(desk, path, If_None_Match=f'"{version}"')
            assert (same.status, same.body) == (304, b"")
            changed = await of_both(desk, path, If_None_Match=f'"{version - 1}"')
            assert changed.status == 200
            head = await of_both(desk, path, "HEAD")
            assert (head.status, head.body) == (200, b"")
            assert head.headers["Content-Length"] == str(len(changed.body))


@pytest.mark.parametrize(
    ("path", "method", "status", "code"),
    [
        ("/orders/{}", "GET", 404, "order-unknown"),
        ("/orders/{}/events", "GET", 404, "order-unknown"),
        ("/orders/{}%FF", "GET", 400, "malformed-request"),
        ("/commands/x?order={}", "GET", 404, "command-unknown"),
        ("/commands/x", "GET", 400, "malformed-request"),
        ("/customers/{}/orders?limit=201", "GET", 400, "malformed-request"),
        ("/orders/{}", "DELETE", 405, "method-not-allowed"),
        ("/nothing/{}", "GET", 404, "no-such-resource"),
    ],
)
async def test_errors_are_the_same_problems_from_both(
    desk: Desk, path: str, method: str, status: int, code: str
) -> None:
    for number in range(8):  # of many partitions, so that some are forwarded
        answer = await of_both(desk, path.format(f"none-{number}"), method)
        assert answer.status == status
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json["code"] == code


async def test_the_pages_of_a_customer_hold_every_order_once_while_others_are_placed(desk: Desk) -> None:
    before = [f"o-{number}" for number in range(23, 0, -4)]  # of c-3, newest first
    await _until_listed(desk, "c-3", before)
    seen: list[str] = []
    cursor, turn = "", 0
    while cursor or not turn:
        turn += 1
        path = f"/customers/c-3/orders?limit=2{cursor and '&cursor='}{cursor}"
        answer = await desk.get(f"w{turn % 2 + 1}", path)
        seen += [order["order_id"] for order in answer.json["orders"]]
        cursor = answer.json["next"] or ""
        await desk.place(f"newer-{turn}", "c-3", minute=1000 + turn)
        await desk.decided(f"newer-{turn}")
    assert seen == before
    await _until_listed(desk, "c-3", [f"newer-{number}" for number in range(turn, 0, -1)] + before)


async def _until_listed(desk: Desk, customer_id: str, expected: list[str]) -> None:
    """The list follows the orders after a moment: it lives in another partition."""
    path = f"/customers/{customer_id}/orders?limit=200"
    listed: list[str] = []
    for _ in range(400):
        answer = await desk.get("w1", path)
        listed = [order["order_id"] for order in answer.json["orders"]]
        if listed == expected:
            break
        await asyncio.sleep(0.05)
    assert listed == expected
    await of_both(desk, path)


async def test_fifty_readers_never_see_an_order_go_back(desk: Desk) -> None:
    names = [f"r-{number}" for number in range(10)]
    for name in names:
        await desk.place(name)
    await asyncio.gather(*[desk.decided(name) for name in names])
    least = dict.fromkeys(names, 1)  # what any reader, or an outcome, has shown already
    stop = asyncio.Event()
    answered = 0

    async def read(reader: int) -> None:
        nonlocal answered
        turn = reader
        while not stop.is_set():
            turn += 1
            name = names[turn % len(names)]
            floor = least[name]
            answer = await desk.get(f"w{turn % 2 + 1}", f"/orders/{name}")
            assert answer.status == 200, answer
            assert answer.json["order_id"] == name
            assert answer.json["version"] >= floor, f"{name} was at {floor} already"
            least[name] = max(least[name], answer.json["version"])
            answered += 1

    readers = [asyncio.create_task(read(number)) for number in range(50)]
    for _ in range(2):
        for name in names:
            await desk.cancel_a_unit(name)
        for name in names:
            least[name] = max(least[name], await desk.decided(name))
    stop.set()
    await asyncio.gather(*readers)
    assert least == dict.fromkeys(names, 3)
    assert answered > 200


def run_cli(shop: Shop, *arguments: str, data: object = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        cwd=ROOT,
        env={"KAFKA_URL": shop.kafka, "PARTITIONS": str(PARTITIONS), "PATH": ""},
        input=data if isinstance(data, str) else msgspec.json.encode(data).decode(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_command_from_the_shell_prints_its_outcome(shop: Shop) -> None:
    def place(*more: str) -> tuple[int, dict[str, object]]:
        done = run_cli(
            shop, "send", "place-order.v1", "--file", "-", "--subject", "cli-1", "--timeout", "40", *more,
            data=FACTS,
        )  # fmt: skip
        return done.returncode, json.loads(done.stdout)

    code, outcome = place("--id", "cli-cmd-1", "--expected-version", "0")
    assert (code, outcome["type"]) == (0, "command-accepted.v1")
    assert place("--id", "cli-cmd-1") == (0, outcome), "the same id has its effect, and its outcome, once"
    code, refused = place()
    assert (code, refused["type"]) == (1, "command-refused.v1")


def test_the_topics_are_as_declared(shop: Shop) -> None:
    checked = run_cli(shop, "topics", "check")
    assert (checked.returncode, checked.stderr) == (0, "")
