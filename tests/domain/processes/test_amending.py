"""An amendment is a person's doing; its money and its units are the processes'."""

from msgspec.structs import replace

from app.domain.order.amounts import priced
from app.domain.order.commands import (
    ConfirmAmendment,
    LineQuantity,
    PlaceOrder,
    ProposeAmendment,
    RejectAmendment,
)
from app.domain.payment import commands as payment
from app.domain.payment.events import RefundRequested
from app.domain.processes.waiting import waits
from tests.domain.processes.scenario import Story
from tests.domain.scenario import line


def more(story: Story, units: int = 1) -> ProposeAmendment:
    """Return an amendment that adds a line of other goods."""
    facts: PlaceOrder = story.order.facts
    added = priced(replace(facts, lines=(line("B2", units),), shipping=()))
    (extra,) = added.lines
    return ProposeAmendment(
        amendment_id="a", lines=(replace(extra, sku="sku-B"),), difference=added.totals.total
    )


def test_what_an_amendment_adds_is_authorised_when_it_is_proposed_and_reserved_when_it_is_confirmed() -> None:
    story = Story().place().settle()
    story.ask(more(story)).settle()
    assert [each.amount for each in story.sent(payment.AuthorizePayment)] == [3000, 1000]
    assert [line.line_id for line in story.process.lines] == ["A", "B"]
    story.ask(ConfirmAmendment(amendment_id="a")).settle().sound()
    assert story.order.units[2].reserved == 1
    assert waits(story.process) == ()


def test_what_was_captured_stays_and_the_difference_is_captured_too() -> None:
    story = Story().place(capture="at-confirmation").settle()
    story.ask(more(story)).settle()
    assert [each.amount for each in story.sent(payment.CapturePayment)] == [
        3000
    ]  # not before it is confirmed
    story.ask(ConfirmAmendment(amendment_id="a")).settle().sound()
    assert [each.amount for each in story.sent(payment.CapturePayment)] == [3000, 1000]


def test_what_was_authorised_for_a_rejected_amendment_is_let_go() -> None:
    story = Story().place(capture="at-confirmation").settle()
    story.ask(more(story)).settle().ask(RejectAmendment(amendment_id="a")).settle().sound()
    assert [each.payment_id for each in story.sent(payment.VoidPayment)] == ["checkout-2"]


def test_what_an_amendment_takes_away_is_released_and_paid_back() -> None:
    story = Story().place(capture="at-confirmation").settle()
    fewer = ProposeAmendment(
        amendment_id="a", quantities=(LineQuantity(line_id="A", quantity=1),), difference=-1000
    )
    story.ask(fewer).ask(ConfirmAmendment(amendment_id="a")).settle().sound()
    assert [each.amount for each in story.told(RefundRequested)] == [1000]
    assert story.order.units[0].reserved == 1
