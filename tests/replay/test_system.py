"""The replays on the real system: its answers over HTTP are what the independent recount says, to the penny.

Northwind is replayed whole, of the others what the repository ships; test_lives.py has more of them without a broker.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from collections import Counter, defaultdict
from datetime import datetime  # noqa: TC003 - msgspec reads it
from typing import TYPE_CHECKING, TypeVar

import aiohttp
import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from msgspec import Struct

from app.topics import STOCK_EVENTS
from tests.replay.data import CHECKOUT, READ, recounted, sample
from tests.replay.test_lives import stage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.replay.conftest import System
    from tests.replay.recount import Recount

pytestmark = pytest.mark.timeout(600)  # seconds, but not on a busy machine

AT_ONCE = 50
PAGE = 200
SETTLES = 60.0  # seconds: a process repeats what was refused after 30
_replayed: dict[str, str] = {}  # what each replay printed


def replay(system: System, name: str) -> str:
    """Replay a data set as a person does, and return what was printed."""
    done = subprocess.run(
        [sys.executable, "-m", "app.cli.replay", name, str(sample(name)), "--speed", "max"],
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
    return recounted(name, sample(name))


class Line(Struct, gc=False):
    """What is compared of a line."""

    line_id: str
    quantity: int
    line_total: int
    cancelled: int
    shipped: int
    sellable: int


class Totals(Struct, gc=False):
    total: int


class Status(Struct, gc=False):
    order: str
    fulfilment: str


class Payments(Struct, gc=False):
    captured: int
    refunded: int


class Shipment(Struct, gc=False):
    at: datetime


class Note(Struct, gc=False):
    note_id: str
    text: str


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
    payments: Payments
    shipments: tuple[Shipment, ...]
    notes: tuple[Note, ...]

    @property
    def told(self) -> dict[str, object]:
        """Return it in the shape of the recount."""
        return {
            "customer": self.customer_id,
            "currency": self.currency,
            "total": self.totals.total,
            "cancelled": self.cancelled_amount,
            "stage": stage(self.status.order, self.status.fulfilment),
            "paid": self.payments.captured,
            "refunded": self.payments.refunded,
            "lines": {
                line.line_id: (
                    line.quantity,
                    line.line_total,
                    line.cancelled,
                    line.shipped,
                    line.sellable,
                )
                for line in self.lines
            },
        }

    @property
    def late(self) -> bool:
        """True when it left after the day by which it was required."""
        required = {note.note_id: note.text for note in self.notes}.get("required", "9999")
        return any(shipment.at.date().isoformat() > required for shipment in self.shipments)


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


async def test_every_order_answers_line_by_line_what_the_recount_says(
    replayed: tuple[str, str], system: System
) -> None:
    """With the money that processes moved because of it, which is there a moment later."""
    name, _ = replayed
    wanted = {number: order.told for number, order in expected(name).orders.items()}
    deadline = time.monotonic() + SETTLES
    answers = await orders_of(system, name, wanted)
    while any(answers[number].told != told for number, told in wanted.items()):
        if time.monotonic() > deadline:
            break
        answers = await orders_of(system, name, wanted)
    for number, told in wanted.items():
        assert answers[number].told == told, number
    assert sum(answer.late for answer in answers.values()) == expected(name).sum(lambda order: order.late)


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
    assert number(printed, "lines returned") == recount.counts["returned"]
    assert number(printed, "shipments") == recount.sum(lambda order: order.shipped)
    for stage_, orders in recount.stages.items():
        assert number(printed, f"  in the end {stage_}") == orders
    assert minor_units(printed, "total placed") == recount.placed_amount
    assert minor_units(printed, "total cancelled") == recount.cancelled_amount
    assert minor_units(printed, "total returned") == recount.returned_amount
    assert minor_units(printed, "total paid") == recount.sum(lambda order: order.paid)
    assert minor_units(printed, "total refunded") == recount.sum(lambda order: order.refunded)
    for reason in recount.counts.keys() - {"placed", "cancelled", "returned"}:
        assert number(printed, f"  {reason}") == recount.counts[reason]
    for code, refusals in (+recount.refusals).items():
        assert number(printed, f"  {code}") == refusals
    refused = number(printed, "commands refused")
    assert refused == recount.refusals.total()
    assert number(printed, "commands sent") == number(printed, "commands accepted") + refused


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


async def test_a_second_replay_adds_nothing(replayed: tuple[str, str], system: System) -> None:
    name, first = replayed
    numbers = expected(name).orders
    before = await orders_of(system, name, numbers)
    printed = replay(system, name)
    assert number(printed, "  of all these, by an earlier run") == number(first, "commands sent")
    after = await orders_of(system, name, numbers)
    assert versions(after) == versions(before)


def versions(answers: dict[str, Answer]) -> dict[str, int]:
    return {number: answer.version for number, answer in answers.items()}


async def test_lines_waited_for_stock_as_often_as_the_recount_says(
    replayed: tuple[str, str], system: System
) -> None:
    """And all of them got their units in the end."""
    name, _ = replayed
    waiting = Counter(
        event.type for event in await stock_events(system) if event.data.order_id.startswith(f"{name}-")
    )
    assert waiting["stock-backordered.v1"] == expected(name).waiting
    assert waiting["backorder-allotted.v1"] >= expected(name).waiting


async def test_the_shelves_answer_what_the_recount_says(replayed: tuple[str, str], system: System) -> None:
    """What is there for the orders that never left, and what is free: as the source has it in stock."""
    name, _ = replayed
    wanted = {
        f"{system.url_for(product)}/stock/{product}/northwind": (shelf.on_hand, shelf.reserved, 0)
        for product, shelf in expected(name).shelves.items()
    }
    deadline = time.monotonic() + SETTLES  # they follow the commits of other partitions
    found = await shelves_at(wanted)
    while found != wanted and time.monotonic() < deadline:
        found = await shelves_at(wanted)
    assert found == wanted


async def shelves_at(urls: Iterable[str]) -> dict[str, tuple[int, int, int]]:
    """Return on hand, reserved and backordered of each."""
    answers = await fetch(urls, Availability)
    return {url: (shelf.on_hand, shelf.reserved, shelf.backordered) for url, shelf in answers.items()}


class Availability(Struct, gc=False):
    on_hand: int
    reserved: int
    backordered: int


class OfLine(Struct, gc=False):
    order_id: str = ""


class Event(Struct, gc=False):
    type: str
    data: OfLine


async def stock_events(system: System) -> list[Event]:
    """Return every event of the stock."""
    parts = [TopicPartition(STOCK_EVENTS.name, number) for number in system.owners]
    async with AIOKafkaConsumer(
        bootstrap_servers=system.bootstrap, isolation_level="read_committed", auto_offset_reset="earliest"
    ) as consumer:
        consumer.assign(parts)
        ends = await consumer.end_offsets(parts)
        events = []
        while any([await consumer.position(part) < ends[part] for part in parts]):
            for records in (await consumer.getmany(*parts, timeout_ms=100)).values():
                events += [msgspec.json.decode(record.value, type=Event) for record in records]
    return events
