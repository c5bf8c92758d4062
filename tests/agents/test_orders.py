"""Orders and their payments through the one agent that decides them: every command that there is, on its lane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agents.decide_orders import decide_orders
from app.domain.order import commands as order
from app.domain.order.commands import Units, UnitsBack, UnitsToCancel
from app.domain.order.evolver import fold
from app.domain.payment import commands as pay
from app.views.order import order_answer
from app.wire.contracts import ORDERS as CONTRACT
from app.wire.types import ACCEPTED
from tables.customer_orders import CUSTOMER_ORDERS
from tables.journal import JOURNAL
from tables.orders import ORDERS
from tests.agents.system import System
from tests.domain import scenario
from tests.domain.scenario import NOON, added, line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.domain.order.commands import OrderCommand

TOPIC, EVENTS = "order-commands", "order-events"
PLACE = scenario.order(line("a", 3, 1000), line("b", 2, 500), shipping=(scenario.shipping(490),))  # 4490
A, B = Units(line_id="a", quantity=2), Units(line_id="b", quantity=1)

BOUGHT: tuple[OrderCommand, ...] = (
    PLACE,
    order.HoldOrder(code="fraud", reason="a strange name", at=NOON),
    order.ReleaseOrder(code="fraud", at=NOON),
    pay.AuthorizePayment(payment_id="p-1", amount=4490, provider="till"),
    pay.RecordPaymentAuthorized(payment_id="p-1", amount=4490),
    order.ConfirmOrder(at=NOON),
    order.ChangeShippingAddress(address=order.Address(name="Zoë", city="Wien")),
    order.ProposeAmendment(amendment_id="m-1", lines=added(line("c", 1, 700)), difference=700),
    pay.AuthorizePayment(payment_id="p-2", amount=700, provider="till"),
    pay.RecordPaymentAuthorized(payment_id="p-2", amount=700),
    order.ConfirmAmendment(amendment_id="m-1"),
    order.RecordReservation(line_id="a", reserved=2, backordered=1, revision=4),
    order.RecordReservation(line_id="b", reserved=2, revision=7),
    order.ShipOrder(shipment_id="s-1", lines=(A, B), carrier="post", at=NOON),
    order.UpdateTracking(shipment_id="s-1", carrier="post", tracking="1Z"),
    order.ConfirmDelivery(shipment_id="s-1", lines=(B,), at=NOON),
    order.ConfirmDelivery(shipment_id="s-1", at=NOON),
)
PAID_AND_RETURNED: tuple[OrderCommand, ...] = (
    pay.CapturePayment(capture_id="c-0", payment_id="p-1", amount=2500, at=NOON),
    pay.RecordCaptureFailed(payment_id="p-1", capture_id="c-0", code="try_again"),
    pay.CapturePayment(capture_id="c-1", payment_id="p-1", amount=2990, at=NOON),
    pay.RecordPaymentCaptured(payment_id="p-1", capture_id="c-1", amount=2990),
    pay.VoidPayment(payment_id="p-2"),
    pay.RecordVoidFailed(payment_id="p-2", attempt=1, code="try_again"),
    pay.VoidPayment(payment_id="p-2"),
    pay.RecordPaymentVoided(payment_id="p-2"),
    order.AdviseReturn(return_id="r-1", lines=(A,), reason="too warm"),
    order.RecordReturnReceipt(
        return_id="r-1", receipt_id="k-1", lines=(UnitsBack(line_id="a", sellable=1),), at=NOON
    ),
    order.WithdrawReturn(return_id="r-1", reason="keeps one"),
    pay.GrantRefund(grant_id="g-1", lines=(pay.UnitsToRefund(line_id="a", quantity=1),)),
    pay.RefundPayment(refund_id="f-1", capture_id="c-1", amount=1000),
    pay.RecordRefundFailed(payment_id="p-1", refund_id="f-1", code="lost_card"),
    pay.RefundPayment(refund_id="f-2", capture_id="c-1", amount=1000),
    pay.RecordRefundSucceeded(payment_id="p-1", refund_id="f-2", amount=1000),
    pay.RecordRefundReversed(payment_id="p-1", refund_id="f-2", code="closed_account"),
    pay.RecordDisputeOpened(payment_id="p-1", dispute_id="d-1", amount=2990),
    pay.RecordChargebackReversed(payment_id="p-1", dispute_id="d-1"),
    order.AddNote(note_id="n-1", text="called her", author="Max"),
)
GIVEN_UP: tuple[OrderCommand, ...] = (
    PLACE,
    pay.AuthorizePayment(payment_id="p-1", amount=4490, provider="till"),
    pay.RecordPaymentDeclined(payment_id="p-1", code="card_declined"),
    order.RecordReservation(line_id="a", reserved=3, revision=2),
    order.CancelLines(lines=(UnitsToCancel(line_id="b", quantity=1),), reason="one is enough"),
    order.ExpireOrder(at=NOON, reason="not paid"),
    order.ReleaseReservation(line_id="a", revision=3, reason="not paid"),
)
CANCELLED: tuple[OrderCommand, ...] = (
    PLACE,
    pay.RecordPaymentAuthorized(payment_id="of the shop's page", amount=4490),
    order.ProposeAmendment(
        amendment_id="m-1", quantities=(order.LineQuantity(line_id="a", quantity=1),), difference=-2000
    ),
    order.RejectAmendment(amendment_id="m-1"),
    order.CancelOrder(reason="changed my mind"),
    pay.RecordAuthorizationExpired(payment_id="of the shop's page"),
)
DONE_WITH: tuple[OrderCommand, ...] = (
    scenario.order(line("a", 2, 1000)),
    order.ShipOrder(shipment_id="s-1", lines=(A,), reason="over the counter", at=NOON),
    order.CloseOrder(at=NOON, reason="paid in cash"),
)
STORIES = {
    "bought": BOUGHT,
    "paid and returned": BOUGHT + PAID_AND_RETURNED,
    "given up": GIVEN_UP,
    "cancelled": CANCELLED,
    "done with": DONE_WITH,
}
ENDS = {
    "bought": ("confirmed", "authorised", "partially-delivered"),
    "paid and returned": ("confirmed", "partially-paid", "partially-returned"),
    "given up": ("expired", "none", "unfulfilled"),
    "cancelled": ("cancelled", "none", "unfulfilled"),
    "done with": ("closed", "none", "shipped"),
}

NAMELESS = (order.HoldOrder, order.CancelLines)  # a released hold, and units that are left, are no repetition


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    """Return a system with the one agent: nothing else that reacts to an order."""
    monkeypatch.setattr("tests.agents.system.AGENTS", (decide_orders,))
    system = System(tmp_path)
    yield system
    system.close()
    assert not system.failed


def tell(system: System, story: str, order_id: str = "o-1") -> list[str]:
    ids = system.ask(CONTRACT, TOPIC, order_id, *STORIES[story])
    system.run()
    return ids


def test_the_stories_ask_for_everything_that_there_is() -> None:
    asked = {type(command) for story in STORIES.values() for command in story}
    assert asked == set(CONTRACT.commands)


@pytest.mark.parametrize("story", STORIES)
def test_every_command_has_its_effect_and_its_outcome(alone: System, story: str) -> None:
    ids = tell(alone, story)
    events = [CONTRACT.decode_event(record.value or b"") for record in alone.topics[EVENTS]]
    assert [event.version for event in events] == list(range(1, len(ids) + 1))
    for command_id, event in zip(ids, events, strict=True):
        outcome = alone.outcome(command_id)
        assert (outcome.type, outcome.data.code) == (ACCEPTED, None)
        assert (outcome.data.version, outcome.data.events) == (event.version, (event.id,))
        assert event.causationid == command_id


@pytest.mark.parametrize("story", STORIES)
def test_the_row_is_the_fold_of_what_is_in_the_topic_and_the_journal(alone: System, story: str) -> None:
    tell(alone, story)
    published = [record.value for record in alone.topics[EVENTS]]
    assert alone.rows(JOURNAL, b"o-1\0") == published
    row = alone.row(ORDERS, "o-1")
    assert row == fold("o-1", [CONTRACT.decode_event(value or b"").data for value in published])
    assert order_answer(row).version == len(published)


@pytest.mark.parametrize(("story", "statuses"), ENDS.items())
def test_readers_see_the_three_statuses(alone: System, story: str, statuses: tuple[str, ...]) -> None:
    tell(alone, story)
    status = order_answer(alone.row(ORDERS, "o-1")).status
    assert (status.order, status.payment, status.fulfilment) == statuses
    (listed,) = alone.rows(CUSTOMER_ORDERS)
    assert (listed.status, listed.payment, listed.fulfilment) == statuses


@pytest.mark.parametrize("story", STORIES)
def test_everything_asked_again_under_other_ids_adds_no_fact(alone: System, story: str) -> None:
    tell(alone, story)
    before = alone.row(ORDERS, "o-1")
    again = [each for each in STORIES[story] if not isinstance(each, NAMELESS)]
    ids = alone.ask(CONTRACT, TOPIC, "o-1", *again)
    alone.run()
    assert alone.row(ORDERS, "o-1") == before
    assert {alone.outcome(each).data.events or () for each in ids} == {()}


def test_a_command_that_is_sent_twice_has_one_outcome(alone: System) -> None:
    alone.ask(CONTRACT, TOPIC, "o-1", PLACE)
    note = order.AddNote(note_id="n-1", text="called her")
    for _ in range(2):
        alone.ask(CONTRACT, TOPIC, "o-1", note, id="twice")
    alone.run()
    assert alone.outcome("twice").data.events == ("o-1@2",)
    assert len(alone.topics[EVENTS]) == 2


def test_what_a_provider_says_of_an_order_that_nobody_placed_is_refused(alone: System) -> None:
    fact = pay.RecordPaymentCaptured(payment_id="p-1", capture_id="c-1", amount=1)
    (command_id,) = alone.ask(CONTRACT, TOPIC, "o-9", fact)
    alone.run()
    assert alone.outcome(command_id).data.code == "order-unknown"
    assert alone.row(ORDERS, "o-9") is None


def test_a_command_for_another_version_is_refused_whatever_it_asks(alone: System) -> None:
    tell(alone, "bought")
    note = order.AddNote(note_id="n-1", text="called her")
    (command_id,) = alone.ask(CONTRACT, TOPIC, "o-1", note, expected_version=3)
    alone.run()
    assert alone.outcome(command_id).data.code == "version-conflict"


def test_a_refusal_is_told_to_the_process_that_asked_and_to_nobody_else(alone: System) -> None:
    note = order.AddNote(note_id="n-1", text="called her")
    for source in ("/processes/o-8", "/shop"):
        alone.ask(CONTRACT, TOPIC, "o-9", note, source=source)
    alone.run()
    (heard,) = alone.topics["process-inputs"]
    assert heard.key == b"o-8"
    assert b"order-unknown" in (heard.value or b"")
