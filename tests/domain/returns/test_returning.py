"""A return from asking to closing."""

import pytest
from msgspec.structs import replace

from app.domain.bounds import LINES_LIMIT
from app.domain.returns.commands import CloseReturn, RejectReturn, ReturnCommand
from app.domain.returns.events import ReturnClosed, ReturnRejected, UnitsMissing
from app.domain.returns.state import RECEIPTS_LIMIT
from app.domain.returns.statuses import return_status, to_inspect
from tests.domain.returns.scenario import (
    NOON,
    approve,
    approved,
    given,
    inspect,
    inspected,
    line,
    receive,
    received,
    request,
    requested,
)

TWO = (line("A", 3, 5700), line("B", 1, 500))
REQUESTED = requested(*TWO)
REJECT = RejectReturn(reason="worn", at=NOON)
REJECTED = ReturnRejected(order_id="o-1", reason="worn", at=NOON)
CLOSE = CloseReturn(reason="30 days are over", at=NOON)


def closed(**missing: int) -> ReturnClosed:
    units = [UnitsMissing(line_id=line_id, quantity=quantity) for line_id, quantity in missing.items()]
    return ReturnClosed(order_id="o-1", missing=tuple(units), reason="30 days are over", at=NOON)


def test_a_return_is_asked_for_with_all_that_it_must_know_of_its_order() -> None:
    after = given().when(request(*TWO)).then(REQUESTED)
    assert (after.returned.return_id, after.returned.version) == ("t-1", 1)
    assert return_status(after.returned) == "requested"
    after.when(request(line("A", 1, 5700, ordered=3))).then_refused("return-id-reused", "order o-1")


def test_no_more_comes_back_than_was_ordered_and_not_returned_before() -> None:
    given().when(request(line("A", 2, 900, ordered=3, before=2))).then_refused(
        "return-exceeds-line", "line A: 2 to return, 1 left"
    )
    given().when(request(line("A", 1, 900, ordered=3, before=2))).then(
        requested(line("A", 1, 900, ordered=3, before=2))
    )


def test_a_line_is_named_once() -> None:
    given().when(request(TWO[0], TWO[0])).then_refused("duplicate-line", "line A")
    stands = given(REQUESTED, approved())
    stands.when(receive(("A", 1, 0), ("A", 1, 0))).then_refused("duplicate-line")
    came = given(REQUESTED, approved(), received(("A", 1, 0, 1900)))
    came.when(inspect(("A", 1, 0), ("A", 0, 1))).then_refused("duplicate-line")


def test_a_return_has_no_more_lines_than_an_order() -> None:
    lines = [line(str(i), 1, 1) for i in range(LINES_LIMIT + 1)]
    given().when(request(*lines)).then_refused("order-too-large")
    given().when(request(*lines[1:])).then(requested(*lines[1:]))


def test_units_come_only_after_approval() -> None:
    given(REQUESTED).when(receive(("A", 1, 0))).then_refused("return-not-approved")
    given(REQUESTED).when(CLOSE).then_refused("return-not-approved")
    after = given(REQUESTED).when(approve(300)).then(approved(300))
    assert return_status(after.returned) == "approved"
    after.when(approve(299)).then_refused("return-already-approved", "a fee of 300")


def test_a_rejected_return_is_over() -> None:
    after = given(REQUESTED).when(REJECT).then(REJECTED)
    assert return_status(after.returned) == "rejected"
    for command in (approve(), receive(("A", 1, 0)), CLOSE):
        after.when(command).then_refused("return-rejected", "version 2")


def test_an_approved_return_is_not_rejected_any_more() -> None:
    given(REQUESTED, approved()).when(REJECT).then_refused("return-already-approved", "close it")


def test_units_come_in_parts_and_some_are_damaged() -> None:
    first = given(REQUESTED, approved()).when(receive(("A", 1, 1))).then(received(("A", 1, 1, 3800)))
    assert return_status(first.returned) == "partially-received"
    assert first.returned.received() == {"A": 2, "B": 0}
    rest = receive(("A", 1, 0), ("B", 0, 1), receipt_id="b-2")
    after = first.when(rest).then(received(("A", 1, 0, 1900), ("B", 0, 1, 500), receipt_id="b-2"))
    assert return_status(after.returned) == "received"
    assert to_inspect(after.returned) == ("b-1", "b-2")


def test_a_receipt_counts_once() -> None:
    came = given(REQUESTED, approved(), received(("A", 2, 0, 3800)))
    came.when(receive(("A", 1, 1))).then_refused("receipt-id-reused", "receipt b-1 had other units")
    closed_ = given(
        REQUESTED, approved(), received(("A", 2, 0, 3800)), inspected(("A", 2, 0)), closed(A=1, B=1)
    )
    closed_.when(receive(("A", 2, 0))).then()


@pytest.mark.parametrize(
    ("command", "code", "saying"),
    [
        (receive(("A", 2, 2)), "quantity-exceeds-returned", "line A: 4 came, 3 were to come"),
        (receive(("A", 0, 0)), "return-empty", "line A"),
        (receive(("C", 1, 0)), "line-unknown", "no line C"),
    ],
)
def test_only_what_was_announced_comes(command: ReturnCommand, code: str, saying: str) -> None:
    given(REQUESTED, approved()).when(command).then_refused(code, saying)


def test_a_return_comes_in_a_bounded_number_of_receipts() -> None:
    many = requested(line("A", RECEIPTS_LIMIT + 1, 0))
    came = [received(("A", 1, 0, 0), receipt_id=f"b-{i}") for i in range(RECEIPTS_LIMIT)]
    given(many, approved(), *came).when(receive(("A", 1, 0), receipt_id="more")).then_refused(
        "receipts-too-many"
    )


def test_every_unit_of_a_receipt_is_restocked_or_written_off() -> None:
    came = given(REQUESTED, approved(), received(("A", 2, 1, 5700), ("B", 1, 0, 500)))
    after = came.when(inspect(("A", 1, 2), ("B", 1, 0))).then(inspected(("A", 1, 2), ("B", 1, 0)))
    assert to_inspect(after.returned) == ()
    after.when(inspect(("A", 2, 1), ("B", 1, 0))).then_refused("receipt-already-inspected")


@pytest.mark.parametrize(
    ("command", "code", "saying"),
    [
        (
            inspect(("A", 1, 1), ("B", 1, 0)),
            "inspection-differs",
            "line A: 1 restocked and 1 written off of 2",
        ),
        (inspect(("A", 3, 0), ("B", 1, 0)), "inspection-differs", "2 sellable and 1 damaged"),
        (inspect(("A", 2, 1)), "inspection-differs", "nothing is said of line B"),
        (inspect(("A", 2, 1), ("B", 1, 0), ("C", 1, 0)), "line-unknown", "no line C in this receipt"),
        (inspect(("A", 2, 1), receipt_id="b-9"), "receipt-unknown", "b-9"),
    ],
)
def test_an_inspection_says_all_and_nothing_else(command: ReturnCommand, code: str, saying: str) -> None:
    came = given(REQUESTED, approved(), received(("A", 2, 1, 5700), ("B", 1, 0, 500)))
    came.when(command).then_refused(code, saying)


def test_one_receipt_is_inspected_and_the_other_waits() -> None:
    both = given(
        REQUESTED, approved(), received(("A", 1, 0, 1900)), received(("A", 1, 0, 1900), receipt_id="b-2")
    )
    after = both.when(inspect(("A", 1, 0), receipt_id="b-2")).then(inspected(("A", 1, 0), receipt_id="b-2"))
    assert to_inspect(after.returned) == ("b-1",)


def test_a_return_is_closed_and_says_what_did_not_come() -> None:
    came = given(REQUESTED, approved(), received(("A", 2, 0, 3800)), inspected(("A", 2, 0)))
    after = came.when(CLOSE).then(closed(A=1, B=1))
    assert return_status(after.returned) == "closed"
    after.when(receive(("A", 1, 0), receipt_id="late")).then_refused("return-closed", "version 5")
    after.when(REJECT).then_refused("return-already-approved")


def test_a_return_is_not_closed_while_something_is_to_inspect() -> None:
    came = given(REQUESTED, approved(), received(("A", 2, 0, 3800)))
    came.when(CLOSE).then_refused("return-uninspected", "b-1")


@pytest.mark.parametrize("command", [approve(), REJECT, receive(("A", 1, 0)), inspect(("A", 1, 0)), CLOSE])
def test_nothing_happens_to_a_return_that_nobody_asked_for(command: ReturnCommand) -> None:
    given().when(command).then_refused("return-unknown")


def test_the_same_return_asked_for_again_is_no_second_one() -> None:
    given(REQUESTED, approved()).when(request(*TWO)).then()
    later = replace(request(*TWO), reason="too small")
    given(REQUESTED).when(later).then_refused("return-id-reused")
