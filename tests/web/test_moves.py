"""Workers die, freeze, come and go: a reader gets a right answer, or in bounded time a 503."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.running import wait_until
from tests.web.conftest import wait_shared
from tests.web.shop import LONGEST, PARTITIONS, Answer
from tests.web.test_live import run_cli

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from tests.web.shop import Desk, Shop

TAKEOVER = 60.0  # seconds from a death to answers again: session timeout, recovery, and a slow machine
READERS = 8


class Seen(NamedTuple):
    """One answer: whom was asked for which order, when, and what came."""

    worker: str
    order_id: str
    began: float
    answer: Answer


@pytest.fixture(autouse=True)
def _both_are_back(shop: Shop) -> Iterator[None]:
    """Leave two healthy workers to the next test, whatever happened."""
    yield
    for worker in shop.workers:
        if worker.alive:
            worker.thaw()
        if worker.name in ("w1", "w2") and not worker.alive:
            worker.start()
        if worker.name not in ("w1", "w2") and worker.alive:
            worker.stop()
    wait_shared(shop)


@asynccontextmanager
async def reading(desk: Desk, *workers: str) -> AsyncIterator[list[Seen]]:
    """Read all orders of the shop, again and again, through these workers, and keep what came."""
    seen: list[Seen] = []
    stop = asyncio.Event()
    orders = sorted(name for name in desk.shop.versions if name.startswith("o-"))

    async def read(number: int) -> None:
        turn = number
        while not stop.is_set():
            turn += READERS + 1
            worker, order_id = workers[turn % len(workers)], orders[turn % len(orders)]
            began = time.monotonic()
            seen.append(Seen(worker, order_id, began, await desk.get(worker, f"/orders/{order_id}")))
            await asyncio.sleep(0.02)

    readers = [asyncio.create_task(read(number)) for number in range(READERS)]
    try:
        yield seen
    finally:
        stop.set()
        await asyncio.gather(*readers)


def check(shop: Shop, seen: Sequence[Seen]) -> None:
    """Every answer is right, or a 503 that says when to ask again; each came in bounded time."""
    assert seen
    for each in seen:
        answer = each.answer
        assert answer.status in (200, 503), each
        assert answer.seconds < LONGEST, each
        if answer.status == 503:
            assert answer.headers["Content-Type"] == "application/problem+json", each
            assert int(answer.headers["Retry-After"]) >= 1, each
        else:
            assert answer.json["order_id"] == each.order_id
            assert answer.json["version"] == shop.versions[each.order_id], each


async def until_all_answer(desk: Desk, worker: str, seconds: float = TAKEOVER) -> None:
    """Wait until a worker answers for every partition."""
    deadline = time.monotonic() + seconds
    orders = {name: 0 for name in desk.shop.versions if name.startswith("o-")}
    while orders:
        for name in list(orders):
            answer = await desk.get(worker, f"/orders/{name}")
            if answer.status == 200:
                del orders[name]
            elif time.monotonic() > deadline:
                raise AssertionError(f"{worker} does not answer for {name} after {seconds} s: {answer}")


async def test_when_a_worker_is_killed_the_other_answers_for_all(shop: Shop, desk: Desk) -> None:
    async with reading(desk, "w1") as seen:
        await asyncio.sleep(0.5)
        killed = time.monotonic()
        shop.workers["w2"].kill()
        lists = [await desk.get("w1", "/orders?status=placed&limit=200")]
        await until_all_answer(desk, "w1")
        lists.append(await desk.get("w1", "/orders?status=placed&limit=200"))
        await asyncio.sleep(0.5)
    check(shop, seen)
    assert any(each.answer.status == 200 and each.began > killed for each in seen)
    for answer in lists:  # what a lost worker had is missing, and said to be
        assert (answer.status, answer.seconds < LONGEST) == (200, True), answer
        listed = {row["order_id"] for row in answer.json["orders"]}
        assert answer.json["missing"] or {f"o-{number}" for number in range(24)} <= listed
    assert lists[-1].json["missing"] == []
    assert set(shop.workers["w1"].partitions()) == set(range(PARTITIONS))
    await desk.place("after-the-kill")
    assert await desk.decided("after-the-kill", of="w1") == 1


async def test_when_a_worker_comes_and_goes_every_answer_is_right_or_503(shop: Shop, desk: Desk) -> None:
    async with reading(desk, "w1", "w2") as seen:
        shop.workers.start("w3")
        await asyncio.to_thread(shop.workers.wait_ready, "w3")
        await asyncio.to_thread(
            wait_until, "w3 owns a part", lambda: bool(shop.workers["w3"].partitions()), 60.0
        )
        await until_all_answer(desk, "w3")
        await asyncio.to_thread(shop.workers["w3"].stop)
        for name in ("w1", "w2"):
            await until_all_answer(desk, name)
        await asyncio.sleep(0.5)
    check(shop, seen)
    assert {each.worker for each in seen[-50:] if each.answer.status == 200} == {"w1", "w2"}


async def test_a_thawed_worker_never_answers_with_what_it_remembers(shop: Shop, desk: Desk) -> None:
    order_id = "o-1"
    frozen = shop.owner(order_id)
    other = "w1" if frozen.name == "w2" else "w2"
    frozen.freeze()
    waiting = [asyncio.create_task(desk.get(frozen.name, f"/orders/{order_id}")) for _ in range(10)]
    await until_all_answer(desk, other)
    await desk.cancel_a_unit(order_id)
    version = await desk.decided(order_id, of=other)
    waiting += [asyncio.create_task(desk.get(frozen.name, f"/orders/{order_id}")) for _ in range(10)]
    await asyncio.sleep(0.2)
    frozen.thaw()
    thawed = time.monotonic()
    answers: list[Answer] = []
    while time.monotonic() - thawed < 3:
        answers.append(await desk.get(frozen.name, f"/orders/{order_id}"))
    answers += await asyncio.gather(*waiting)
    shown = [answer.json["version"] for answer in answers if answer.status == 200]
    assert set(shown) == {version}, f"{len(shown) - shown.count(version)} of {len(shown)} answers were old"
    assert {answer.status for answer in answers} <= {200, 503, 0}  # 0: who waited was cut off


def test_without_a_worker_a_command_from_the_shell_ends_without_an_outcome(shop: Shop) -> None:
    for worker in shop.workers:
        if worker.alive:
            worker.freeze()
    sent = run_cli(
        shop, "send", "cancel-order.v1", "--file", "-", "--subject", "nothing", "--timeout", "0.5", data={}
    )
    assert (sent.returncode, sent.stdout) == (3, "")
    assert "--id" in sent.stderr, "it says how to ask again"
