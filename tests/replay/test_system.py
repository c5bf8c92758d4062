"""The replays on the real system: its answers over HTTP are what the independent recount says, to the penny.

The data sets are replayed in full where they are (see data.py), else the shipped samples are.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from collections import defaultdict
from datetime import datetime  # noqa: TC003 - msgspec reads it
from typing import TYPE_CHECKING, TypeVar

import aiohttp
import msgspec
import pytest
from msgspec import Struct

from tests.replay.data import CHECKOUT, READ, folder, recounted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.replay.conftest import System
    from tests.replay.recount import Recount

pytestmark = pytest.mark.timeout(900)  # half a million lines: under a minute, but not on a busy machine

AT_ONCE = 50
PAGE = 200
ONE_IN = 10  # orders without any cancellation whose lines are compared too
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
        timeout=600,
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


class Line(Struct, gc=False):
    """What is compared of a line."""

    line_id: str
    quantity: int
    line_total: int
    cancelled: int


class Totals(Struct, gc=False):
    total: int


class Status(Struct, gc=False):
    order: str


class Answer(Struct, gc=False):
    """What is compared of an order."""

    order_id: str
    version: int
    customer_id: str | None
    currency: str
    totals: Totals
    cancelled_amount: int
    remaining: int
    status: Status
    lines: tuple[Line, ...]

    @property
    def told(self) -> dict[str, object]:
        """Return it in the shape of the recount."""
        return {
            "customer": self.customer_id,
            "currency": self.currency,
            "total": self.totals.total,
            "cancelled": self.cancelled_amount,
            "state": self.status.order,
            "lines": {line.line_id: (line.quantity, line.line_total, line.cancelled) for line in self.lines},
        }


class Listed(Struct, gc=False):
    """What is compared of an order in the list of its customer."""

    order_id: str
    placed_at: datetime
    status: str
    total: int
    cancelled_amount: int


class Page(Struct, gc=False):
    """A page of a customer's orders. `next` is the cursor of the page after it."""

    orders: tuple[Listed, ...]
    next: str | None


Body = TypeVar("Body")
Sums = tuple[int, int, str]  # of an order: total, cancelled amount, state


async def fetch(urls: Iterable[str], kind: type[Body]) -> dict[str, Body]:
    """Return the answer of each URL, many at once."""
    queue, answers, decoder = iter(urls), dict[str, Body](), msgspec.json.Decoder(kind)

    async def ask(session: aiohttp.ClientSession) -> None:
        for url in queue:
            async with session.get(url) as answer:
                body = await answer.read()
                assert answer.status == 200, f"{url}: {answer.status} {body!r}"
                answers[url] = decoder.decode(body)

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*[ask(session) for _ in range(AT_ONCE)])
    return answers


async def orders_of(system: System, name: str, numbers: Iterable[str]) -> dict[str, Answer]:
    """Return the answers for orders, by the source's own ids of them."""
    urls = {}
    for number in numbers:
        order_id = f"{name}-{number}"
        urls[f"{system.url_for(order_id)}/orders/{order_id}"] = number
    return {urls[url]: answer for url, answer in (await fetch(urls, Answer)).items()}


def looked_at(recount: Recount) -> list[str]:
    """Return whose lines are compared one by one: guests', those of which something was cancelled, and more.

    The others have their total, cancelled amount and state compared in the list of their customer.
    """
    return [
        number
        for place, (number, order) in enumerate(recount.orders.items())
        if order.customer is None or order.cancelled_amount or place % ONE_IN == 0
    ]


async def test_orders_answer_line_by_line_what_the_recount_says(
    replayed: tuple[str, str], system: System
) -> None:
    name, _ = replayed
    numbers = looked_at(expected(name))
    answers = await orders_of(system, name, numbers)
    assert len(answers) == len(numbers)
    for number in numbers:
        assert answers[number].told == expected(name).orders[number].told, number


async def test_every_customer_has_the_orders_that_the_recount_says(
    replayed: tuple[str, str], system: System
) -> None:
    """With the orders of guests this is every order: the sums over all of them agree as well."""
    name, _ = replayed
    wanted: dict[str, dict[str, Sums]] = defaultdict(dict)
    for number, order in expected(name).orders.items():
        if order.customer is not None:
            sums = (order.total, order.cancelled_amount, order.state)
            wanted[order.customer][f"{name}-{number}"] = sums
    found = await lists_of(system, wanted)
    deadline = time.monotonic() + 30  # the lists follow the commits of other partitions
    while found != wanted and time.monotonic() < deadline:
        found = await lists_of(system, wanted)
    assert found == wanted
    guests = [number for number, order in expected(name).orders.items() if order.customer is None]
    every = [
        (answer.totals.total, answer.cancelled_amount)
        for answer in (await orders_of(system, name, guests)).values()
    ]
    every += [(total, cancelled) for orders in found.values() for total, cancelled, _ in orders.values()]
    assert len(every) == len(expected(name).orders)
    assert sum(total for total, _ in every) == expected(name).placed_amount
    assert sum(cancelled for _, cancelled in every) == expected(name).cancelled_amount


async def lists_of(system: System, customers: Iterable[str]) -> dict[str, dict[str, Sums]]:
    """Return what the workers answer of all orders of each customer, page by page."""
    found: dict[str, dict[str, Sums]] = defaultdict(dict)
    urls = {
        f"{system.url_for(customer)}/customers/{customer}/orders?limit={PAGE}": customer
        for customer in customers
    }
    while urls:
        following = {}
        for url, page in (await fetch(urls, Page)).items():
            times = [each.placed_at for each in page.orders]
            assert times == sorted(times, reverse=True), f"{url}: not newest first"
            for each in page.orders:
                found[urls[url]][each.order_id] = (each.total, each.cancelled_amount, each.status)
            if page.next:
                following[f"{url.partition('&')[0]}&cursor={page.next}"] = urls[url]
        urls = following
    return found


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
    assert number(printed, "  of all these, by an earlier run") == len(expected(name).orders)
    answers = await orders_of(system, name, expected(name).orders)
    assert {answer.version for answer in answers.values()} == {1}
