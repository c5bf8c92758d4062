"""The replays on the real system: its answers over HTTP are what the independent recount says, to the penny.

The data sets are replayed in full where they are (see data.py), else the shipped samples are.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import aiohttp
import msgspec
import pytest

from app.cli.replay.decided import end_offsets, wait_until_decided
from app.settings import Settings
from app.topics import CUSTOMER_ORDER_CHANGES
from tests.replay.data import CHECKOUT, READ, folder, recounted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.replay.conftest import System
    from tests.replay.recount import Recount

AT_ONCE = 50
PAGE = 200
_replayed: dict[str, str] = {}  # what each replay printed


def replay(system: System, name: str) -> str:
    """Replay a data set as a person does, and return what was printed."""
    done = subprocess.run(
        [sys.executable, "-m", "app.cli.replay", name, str(folder(name)), "--speed", "max"],
        cwd=CHECKOUT,
        env=system.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(params=READ)
def replayed(request: pytest.FixtureRequest, system: System) -> tuple[str, str]:
    """Return the name of a data set, and what its replay printed."""
    name = request.param
    if name not in _replayed:
        _replayed[name] = replay(system, name)
    return name, _replayed[name]


def expected(name: str) -> Recount:
    return recounted(name, folder(name))


async def fetch(system: System, paths: Iterable[str]) -> dict[str, Any]:
    """Return the answer to each path, many at once, asked of all workers in turn."""
    queue, answers = iter(enumerate(paths)), dict[str, Any]()

    async def ask(session: aiohttp.ClientSession) -> None:
        for number, path in queue:
            url = system.urls[number % len(system.urls)]
            async with session.get(f"{url}{path}") as answer:
                body = await answer.read()
                assert answer.status == 200, f"{url}{path}: {answer.status} {body!r}"
                answers[path] = msgspec.json.decode(body)

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*[ask(session) for _ in range(AT_ONCE)])
    return answers


async def test_every_order_answers_what_the_recount_says(replayed: tuple[str, str], system: System) -> None:
    name, _ = replayed
    orders = expected(name).orders
    answers = await fetch(system, [f"/orders/{name}-{number}" for number in orders])
    assert len(answers) == len(orders)
    for number, order in orders.items():
        assert seen(answers[f"/orders/{name}-{number}"]) == order.told, number
    stands = sum(answer["remaining"] for answer in answers.values())
    assert stands == expected(name).placed_amount - expected(name).cancelled_amount


def seen(answer: dict[str, Any]) -> dict[str, object]:
    """Return what the recount tells too."""
    return {
        "customer": answer["customer_id"],
        "currency": answer["currency"],
        "total": answer["totals"]["total"],
        "cancelled": answer["cancelled_amount"],
        "state": answer["status"]["order"],
        "lines": {
            line["line_id"]: (line["quantity"], line["line_total"], line["cancelled"])
            for line in answer["lines"]
        },
    }


async def test_every_customer_has_the_orders_that_the_recount_says(
    replayed: tuple[str, str], system: System
) -> None:
    name, _ = replayed
    await customers_are_up_to_date(system)
    wanted: dict[str, dict[str, tuple[object, ...]]] = defaultdict(dict)
    for number, order in expected(name).orders.items():
        if order.customer is not None:
            told = order.told
            wanted[order.customer][f"{name}-{number}"] = (told["total"], told["cancelled"], told["state"])
    found: dict[str, dict[str, tuple[object, ...]]] = defaultdict(dict)
    paths = {f"/customers/{customer}/orders?limit={PAGE}": customer for customer in wanted}
    while paths:
        following = {}
        for path, page in (await fetch(system, paths)).items():
            times = [datetime.fromisoformat(order["placed_at"]) for order in page["orders"]]
            assert times == sorted(times, reverse=True), f"{path}: not newest first"
            for order in page["orders"]:
                found[paths[path]][order["order_id"]] = (
                    order["total"],
                    order["cancelled_amount"],
                    order["status"],
                )
            if page["next"]:
                next_path = f"/customers/{paths[path]}/orders?limit={PAGE}&cursor={page['next']}"
                following[next_path] = paths[path]
        paths = following
    assert found == wanted


async def customers_are_up_to_date(system: System) -> None:
    """Wait until the workers have read every change that was re-keyed to the customers."""
    settings = Settings(kafka_url=system.bootstrap)
    topic = CUSTOMER_ORDER_CHANGES.name
    ends = await end_offsets(system.bootstrap, topic, settings.partitions)
    await wait_until_decided(system.bootstrap, settings.app_id, topic, ends, patience=30, left=lambda _: None)


def test_the_summary_states_what_the_recount_says(replayed: tuple[str, str]) -> None:
    name, printed = replayed
    recount = expected(name)
    assert number(printed, "invoices or orders in the source") == recount.documents
    assert number(printed, "lines in the source") == recount.lines
    assert number(printed, "orders placed") == len(recount.orders)
    assert number(printed, "lines placed") == recount.counts["placed"]
    assert number(printed, "lines cancelled") == recount.counts["cancelled"]
    assert minor_units(printed, "total placed") == recount.placed_amount
    assert minor_units(printed, "total cancelled") == recount.cancelled_amount
    for reason in recount.counts.keys() - {"placed", "cancelled"}:
        assert number(printed, f"  {reason}") == recount.counts[reason]
    commands = number(printed, "orders placed") + number(printed, "cancellations")
    assert number(printed, "commands sent") == number(printed, "commands accepted") == commands
    assert number(printed, "commands refused") == 0


def number(printed: str, label: str) -> int:
    """Return the number on the line of the summary that begins so."""
    found = re.search(rf"^{re.escape(label)} +([\d,]+)", printed, re.MULTILINE)
    assert found, f"no {label!r} in:\n{printed}"
    return int(found[1].replace(",", ""))


def minor_units(printed: str, label: str) -> int:
    """Return the amount on the line of the summary that begins so."""
    found = re.search(rf"^{label} .*\(([\d,]+) minor units\)", printed, re.MULTILINE)
    assert found, f"no {label!r} in:\n{printed}"
    return int(found[1].replace(",", ""))


async def test_a_second_replay_adds_nothing(system: System) -> None:
    name = "northwind"
    _replayed.setdefault(name, replay(system, name))
    printed = replay(system, name)
    orders = expected(name).orders
    assert number(printed, "  of all these, by an earlier run") == len(orders)
    answers = await fetch(system, [f"/orders/{name}-{each}" for each in orders])
    assert {answer["version"] for answer in answers.values()} == {1}
