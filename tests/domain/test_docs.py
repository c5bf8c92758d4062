"""docs/domain.md lists what the code has, and nothing else."""

import inspect
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from msgspec.structs import replace

from app.domain import order
from app.domain.bounds import LINES_LIMIT
from app.domain.order import commands, events, evolver
from app.domain.order.state import ENTRIES_LIMIT, ROW_LIMIT, LineUnits, Order
from app.domain.order.statuses import FulfilmentStatus, OrderStatus, PaymentStatus, fulfilment_status
from app.domain.refused import Code, require_version
from tests.domain.scenario import given, line, placed

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "domain.md").read_text(encoding="utf-8")
SCHEMAS = DOCS / "schemas"


def section(title: str, level: str = "##", page: str = PAGE) -> str:
    return page.split(f"\n{level} {title}\n")[1].split(f"\n{level} ", maxsplit=1)[0]


def first_column(text: str) -> list[str]:
    """Return the code words in the first column of a section's tables."""
    return [
        word
        for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
        for word in re.findall(r"`(.+?)`", row)
    ]


def kebab(kind: type) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__).lower() + ".v1"


def test_the_refusals_are_those_of_the_code() -> None:
    rules = [require_version, *(getattr(order, theme) for theme in order.__all__ if theme != "commands")]
    used = {Code[name] for rule in rules for name in re.findall(r"Code\.([A-Z_]+)", inspect.getsource(rule))}
    listed = first_column(section("Refusals"))
    assert len(listed) == len(set(listed))
    assert set(listed) == used


def test_every_code_is_explained_on_one_of_the_pages() -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in DOCS.glob("domain*.md"))
    assert set(Code) <= set(first_column(pages))


def test_the_limits_are_those_of_the_code() -> None:
    assert f"more than {LINES_LIMIT:,} lines, {ENTRIES_LIMIT} shipments" in PAGE
    assert f"at most {ENTRIES_LIMIT} of each" in PAGE
    assert f"at most {ROW_LIMIT:,} bytes" in PAGE
    assert f"More than {LINES_LIMIT:,} are refused" in (SCHEMAS / "place-order.v1.json").read_text(
        encoding="utf-8"
    )


def test_the_commands_and_events_are_those_of_the_code() -> None:
    table = section("Commands and events")
    assert first_column(table) == [kebab(each) for each in get_args(commands.OwnCommand)]
    told = re.findall(r"\| `([a-z0-9.-]+)`[^|]*\|$", table, re.MULTILINE)
    assert told == [kebab(each) for each in get_args(events.OwnEvent)]


def test_the_statuses_are_those_of_the_code() -> None:
    text = section("Statuses")
    assert first_column(section("Order", "###", text)) == list(OrderStatus)
    assert first_column(section("Fulfilment", "###", text)) == list(FulfilmentStatus)
    listed = re.findall(r"`([a-z-]+)`", section("Payment", "###", text))
    assert listed == list(PaymentStatus)


def test_the_diagram_shows_the_ways_of_an_order() -> None:
    ways = re.findall(r"(\S+) --> (\S+) : (\S+)", section("Statuses"))
    assert {name for before, after, _ in ways for name in (before, after)} == {"[*]", *OrderStatus}
    told = {kebab(event).removesuffix(".v1") for event in evolver.EVOLVE}
    assert {event for *_, event in ways} <= told


NUMBERS = [
    (*map(int, row[:6]), row[6])
    for row in re.findall(r"^\| " + r"(\d) \| " * 6 + r"`(.+?)` \|$", PAGE, re.MULTILINE)
]


@pytest.mark.parametrize("row", NUMBERS)
def test_the_fulfilment_status_is_that_of_the_table(row: tuple[Any, ...]) -> None:
    ordered, cancelled, backordered, shipped, delivered, returned, status = row
    one: Order | None = given(placed(line("1", ordered))).order
    assert one is not None
    units = LineUnits(backordered=backordered, shipped=shipped, delivered=delivered, sellable=returned)
    now = replace(one, cancelled=(cancelled,), units=(units,))
    assert fulfilment_status(now) == status


def test_the_table_of_numbers_has_every_status() -> None:
    assert {row[-1] for row in NUMBERS} == set(FulfilmentStatus)
