"""Work lists of returns: what is to be done, the longest waiting first."""

from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from app.domain.returns.commands import RejectReturn
from app.domain.returns.decider import decide
from app.domain.returns.evolver import fold
from app.views.returns import ReturnList, ReturnWork, changes, decode_row, encode_row, key, prefix, work
from tests.domain.returns.scenario import (
    NOON,
    RETURN_ID,
    approved,
    given,
    inspected,
    line,
    received,
    requested,
)

if TYPE_CHECKING:
    from app.domain.returns.events import ReturnEvent
    from app.domain.returns.state import Return

REQUESTED = requested(line("A", 3, 300), line("B", 1, 100))
TO_APPROVE = ReturnWork(list=ReturnList.TO_APPROVE, since=NOON, return_id=RETURN_ID, order_id="o-1", units=4)
CAME = received(("A", 1, 1, 200), ("B", 1, 0, 100))
TO_INSPECT = ReturnWork(
    list=ReturnList.TO_INSPECT,
    since=NOON,
    return_id=RETURN_ID,
    order_id="o-1",
    receipt_id="b-1",
    warehouse="vienna",
    units=3,
    damaged=1,
)


def test_a_return_waits_for_an_answer() -> None:
    returned = given(REQUESTED).returned
    assert list(work(returned)) == [TO_APPROVE]
    assert changes(None, returned) == [(key(TO_APPROVE), TO_APPROVE)]
    assert decode_row(encode_row(TO_APPROVE)) == TO_APPROVE


def test_answered_it_waits_no_longer() -> None:
    before = given(REQUESTED).returned
    rejected = fold(RETURN_ID, decide(before, RejectReturn(at=NOON)), before)
    assert rejected is not None
    for after in (given(REQUESTED, approved()).returned, rejected):
        assert changes(before, after) == [(key(TO_APPROVE), None)]


def test_what_came_waits_for_inspection_until_it_was_inspected() -> None:
    before, came = given(REQUESTED, approved()).returned, given(REQUESTED, approved(), CAME).returned
    assert changes(before, came) == [(key(TO_INSPECT), TO_INSPECT)]
    seen = given(REQUESTED, approved(), CAME, inspected(("A", 1, 1), ("B", 1, 0))).returned
    assert changes(came, seen) == [(key(TO_INSPECT), None)]
    assert changes(came, came) == []


def test_a_receipt_without_a_warehouse_is_somewhere() -> None:
    came = given(REQUESTED, approved(), replace(CAME, warehouse=None)).returned
    (row,) = work(came)
    assert row.warehouse == ""


def test_the_longest_waiting_comes_first() -> None:
    later = replace(TO_INSPECT, since=NOON + timedelta(seconds=1), receipt_id="a")
    assert prefix(ReturnList.TO_INSPECT) < key(TO_INSPECT) < key(later)
    assert key(TO_INSPECT).startswith(b"to-inspect\0")
    assert key(TO_INSPECT).endswith(b"t-1\0b-1")


def test_the_lists_of_a_return_follow_from_its_rows() -> None:
    story: list[ReturnEvent] = [REQUESTED, approved(), CAME, inspected(("A", 1, 1), ("B", 1, 0))]
    rows: dict[bytes, ReturnWork] = {}
    before: Return | None = None
    for event in story:
        after = fold(RETURN_ID, [event], before)
        assert after is not None
        for at, row in changes(before, after):
            if row is None:
                del rows[at]
            else:
                rows[at] = row
        assert list(rows.values()) == list(work(after))
        before = after
