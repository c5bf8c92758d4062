"""docs/domain-returns.md lists what the code has, and its diagram shows what the code does."""

import inspect
import re
from typing import get_args

from app.domain.cart import commands as cart_commands
from app.domain.cart import decider as cart_decider
from app.domain.cart import events as cart_events
from app.domain.cart.state import GIVEN_UP_LIMIT
from app.domain.refused import Code, Refused
from app.domain.returns import commands, decider, events, evolver
from app.domain.returns.commands import CloseReturn, RejectReturn, ReturnCommand
from app.domain.returns.decider import decide
from app.domain.returns.state import RECEIPTS_LIMIT, Return
from app.domain.returns.statuses import ReturnStatus, return_status
from tests.domain.pages import kebab, page
from tests.domain.returns.scenario import NOON, RETURN_ID, approve, line, receive, request
from tests.domain.returns.scenario import inspect as placed

PAGE = page("domain-returns.md")
ELSEWHERE = {Code.LINE_UNKNOWN, Code.DUPLICATE_LINE, Code.ORDER_TOO_LARGE, Code.REFUND_EXCEEDS_SHIPPING}


def rows(section: str) -> list[tuple[str, str]]:
    """Return the first and the last cell of the rows of a section's table."""
    text = PAGE.split(f"\n## {section}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `(.+?)` \|.*\| ([^|]+) \|$", text, re.MULTILINE)


def test_the_refusals_are_those_of_the_code() -> None:
    used = {
        Code[name]
        for module in (decider, cart_decider)
        for name in re.findall(r"Code\.([A-Z_]+)", inspect.getsource(module))
    }
    assert {code for code, _ in rows("Refusals")} == {code.value for code in used - ELSEWHERE}
    assert used >= ELSEWHERE
    assert all(f"`{code.value}`" in PAGE for code in ELSEWHERE)


def test_the_limits_are_those_of_the_code() -> None:
    assert f"more than {RECEIPTS_LIMIT} receipts" in PAGE
    assert f"last {GIVEN_UP_LIMIT} orders" in PAGE


def test_the_commands_and_events_are_those_of_the_code() -> None:
    for section, asked, told in (
        ("Returns", commands.ReturnCommand, events.ReturnEvent),
        ("Carts", cart_commands.CartCommand, cart_events.CartEvent),
    ):
        assert [command for command, _ in rows(section)] == [kebab(each) for each in get_args(asked)]
        named = [re.findall(r"`(.+?)`", event)[0] for _, event in rows(section)]
        assert named == [kebab(each) for each in get_args(told)]


ASKED: list[ReturnCommand] = [
    request(line("A", 2, 100)),
    approve(),
    RejectReturn(at=NOON),
    receive(("A", 1, 0), receipt_id="b-1"),
    receive(("A", 0, 1), receipt_id="b-2"),
    receive(("A", 2, 0), receipt_id="b-3"),
    placed(("A", 1, 0), receipt_id="b-1"),
    placed(("A", 0, 1), receipt_id="b-2"),
    placed(("A", 2, 0), receipt_id="b-3"),
    CloseReturn(at=NOON),
]


def transitions() -> set[tuple[str, str, str]]:
    """Return every change of status that these commands can make, in any order."""
    found: set[tuple[str, str, str]] = set()
    ahead: list[Return | None] = [None]
    while ahead:
        returned = ahead.pop()
        before = return_status(returned).value if returned else "[*]"
        for command in ASKED:
            try:
                facts = decide(returned, command)
            except Refused:
                continue
            for fact in facts:
                later = evolver.evolve(returned, fact, RETURN_ID)
                after = return_status(later).value
                if after != before:
                    found.add((before, after, kebab(type(fact))))
                ahead.append(later)
    return found


def test_the_diagram_of_a_return_shows_what_the_code_does() -> None:
    drawn = set(re.findall(r"^    (\S+) --> ([a-z-]+): ([a-z-]+)$", PAGE, re.MULTILINE))
    assert drawn == transitions()
    assert {arrow[1] for arrow in drawn} == {each.value for each in ReturnStatus}
