"""docs/domain-payment.md lists what the code has, and its diagram shows what the code does."""

import inspect
import re
from typing import get_args

from app.domain.payment import balance, commands, decider, events, giving_back, goods, statuses, taking
from app.domain.payment.commands import ProviderFact
from app.domain.payment.decider import RECORDED
from app.domain.payment.statuses import MovementStatus, movement_status
from app.domain.refused import Code
from tests.domain.pages import first_column, kebab, page
from tests.domain.payment.scenario import authorize, authorized, captured, given, refunded, voided

PAGE = page("domain-payment.md")
ELSEWHERE = {Code.ORDER_UNKNOWN, Code.LINE_UNKNOWN, Code.DUPLICATE_LINE}  # in the table of docs/domain.md


def test_the_refusals_are_those_of_the_code() -> None:
    used = {
        Code[name]
        for module in (decider, giving_back, goods, taking)
        for name in re.findall(r"Code\.([A-Z_]+)", inspect.getsource(module))
    }
    assert set(first_column(PAGE, "Refusals")) == {code.value for code in used - ELSEWHERE}
    assert used >= ELSEWHERE
    assert all(f"`{code.value}`" in PAGE for code in ELSEWHERE)


def test_the_commands_and_events_are_those_of_the_code() -> None:
    assert first_column(PAGE, "Asked and told") == [kebab(each) for each in get_args(commands.PaymentCommand)]
    named = set(re.findall(r"\| `([a-z-]+)` \|$", PAGE, re.MULTILINE))
    assert named == {kebab(each) for each in get_args(events.PaymentEvent)}


def test_the_totals_are_those_of_the_code() -> None:
    assert first_column(PAGE, "Totals") == list(balance.Balance.__struct_fields__)


def test_the_statuses_are_those_of_the_code() -> None:
    assert set(first_column(PAGE, "Status of an order's payment")) == {
        each.value for each in statuses.PaymentStatus
    }


FACTS: list[ProviderFact] = [
    authorized(),
    commands.RecordPaymentDeclined(payment_id="p"),
    captured(),
    captured(4000, "part"),
    voided(),
    commands.RecordAuthorizationExpired(payment_id="p"),
    refunded("r", 10_000),
    commands.RecordRefundReversed(payment_id="p", refund_id="r"),
]


def transitions() -> set[tuple[str, str, str]]:
    """Return every change of status that a fact can make, from every ledger that these facts can lead to."""
    found, seen, ahead = set(), set(), [given(authorize())]
    while ahead:
        story = ahead.pop()
        if repr(story.ledger) in seen:
            continue
        seen.add(repr(story.ledger))
        before = movement_status(story.ledger.payments[0]).value
        for fact in FACTS:
            later = story.ask(fact)
            after = movement_status(later.ledger.payments[0]).value
            if after != before:
                found.add((before, after, kebab(RECORDED[type(fact)])))
            ahead.append(later)
    return found


def test_every_arrow_of_the_diagram_is_a_change_that_the_code_makes() -> None:
    drawn = set(re.findall(r"^    ([a-z-]+) --> ([a-z-]+): ([a-z-]+)$", PAGE, re.MULTILINE))
    made = transitions()
    assert drawn <= made
    assert {status for arrow in drawn for status in arrow[:2]} == {each.value for each in MovementStatus}
    # What is not drawn comes late: after a void, an expiry or a refund, or before its authorisation.
    late = {"voided", "expired", "refunded"}
    assert all(
        before in late or after in late or before in {"declined", "captured"}
        for before, after, _ in made - drawn
    )
