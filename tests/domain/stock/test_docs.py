"""docs/domain-stock.md lists what the code has, and its diagram shows what the code does."""

import inspect
import re
from typing import get_args

from app.domain.refused import Code, Refused
from app.domain.stock import allotting, commands, decider, events, evolver, names
from app.domain.stock.commands import StockCommand
from app.domain.stock.decider import decide
from app.domain.stock.state import SHIPMENTS_LIMIT, Entry, Reservation, Settled, Stock, Withdrawn
from app.domain.stock.statuses import ReservationStatus, StockStatus, reservation_status
from tests.domain.pages import first_column, kebab, page
from tests.domain.stock.scenario import EMPTY, ITEM_ID, entries, receive, release, reserve, ship

PAGE = page("domain-stock.md")


def test_the_refusals_are_those_of_the_code() -> None:
    used = re.findall(r"Code\.([A-Z_]+)", inspect.getsource(decider))
    assert set(first_column(PAGE, "Refusals")) == {Code[name].value for name in used}
    assert f"more than {SHIPMENTS_LIMIT} shipments" in PAGE


def test_the_commands_and_events_are_those_of_the_code() -> None:
    assert first_column(PAGE, "Commands and events") == [
        kebab(each) for each in get_args(commands.StockCommand)
    ]
    told = set(re.findall(r"`([a-z-]+)`", PAGE.split("## Commands and events")[1].split("## Rows")[0]))
    assert told >= {kebab(each) for each in get_args(events.StockEvent)}
    assert f"One command serves {allotting.ALLOT_LIMIT} lines" in PAGE


def test_the_entries_are_those_of_the_code() -> None:
    assert first_column(PAGE, "Rows") == [each.__struct_config__.tag for each in get_args(Entry)]


def test_the_statuses_of_an_item_are_those_of_the_code() -> None:
    assert set(first_column(PAGE, "Status of an item")) == {each.value for each in StockStatus}


ASKED: list[StockCommand] = [
    receive(1, "r-1"),
    receive(3, "r-2"),
    reserve("o-1", 3),
    reserve("o-1", 3, backorder=True),
    release("o-1"),
    release("o-1", keep=1),
    release("o-1", keep=2),
    ship("o-1", 1, "s-1", reason="urgent"),
    ship("o-1", 2, "s-2", reason="urgent"),
    # Another order, so that units become free while the first one waits.
    reserve("o-2", 1, placed=-1, backorder=True),
    release("o-2"),
]


def status(stock: Stock) -> str:
    entry = stock.get(names.reservation("o-1", "1")) or stock.get(names.memory_of("o-1", "1"))
    return reservation_status(entry).value if isinstance(entry, Reservation | Settled | Withdrawn) else "[*]"


def transitions() -> set[tuple[str, str, str]]:
    """Return every change of status that these commands can make, in any order."""
    found, seen, ahead = set(), set(), [EMPTY]
    while ahead:
        stock = ahead.pop()
        told = repr((stock.item, sorted(entries(stock).items())))
        if told in seen or (stock.item and stock.item.version > 7):
            continue
        seen.add(told)
        for command in ASKED:
            try:
                facts = decide(stock, command)
            except Refused:
                continue
            later = stock
            for fact in facts:
                before, later = status(later), evolver.evolve(later, fact, ITEM_ID)
                if status(later) != before:
                    found.add((before, status(later), kebab(type(fact))))
            if facts:
                ahead.append(later)
    return found


def test_the_diagram_of_a_reservation_shows_what_the_code_does() -> None:
    drawn = set(re.findall(r"^    (\S+) --> ([a-z-]+): ([a-z-]+)$", PAGE, re.MULTILINE))
    assert drawn == transitions()
    assert {arrow[1] for arrow in drawn} == {each.value for each in ReservationStatus}
