"""An order that ends, at any moment and by whomever: what is there goes back, once."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from msgspec.structs import replace

from app.domain.cart.events import CartClaimed
from app.domain.order.commands import AddNote, CancelLines, CancelOrder, ShipOrder, Units, UnitsToCancel
from app.domain.order.events import OrderCancelled, OrderPlaced
from app.domain.order.evolver import fold
from app.domain.order.owed import owed
from app.domain.payment import commands as payment
from app.domain.payment.balance import balance
from app.domain.payment.events import PaymentVoidRequested, RefundRequested
from app.domain.processes.inputs import CartHeard, OrderHeard, OrderSeen
from app.domain.processes.known import known
from app.domain.processes.react import Reaction, react
from app.domain.processes.state import CartIs
from app.domain.processes.steps import RETRY_AFTER, RETRY_AT_MOST, Step, backoff
from app.domain.processes.waiting import stuck, waits
from app.domain.refused import Code
from app.domain.stock.commands import ReleaseStock, ReserveStock
from app.effects.calls import Call, Refund, Void
from app.effects.house import NO_FUNDS, answer
from app.effects.provider import Facts, failed
from tests.domain.processes.scenario import Story
from tests.domain.processes.world import World
from tests.domain.scenario import NOON, line, order

CANCEL = CancelOrder(reason="thought better of it")
AUTHORIZED = payment.RecordPaymentAuthorized(payment_id="checkout-1", amount=3000)
CAPTURED = payment.RecordPaymentCaptured(payment_id="checkout-1", capture_id="k", amount=3000)


def capture(amount: int = 3000) -> payment.CapturePayment:
    return payment.CapturePayment(capture_id="k", payment_id="checkout-1", amount=amount, at=NOON)


def test_a_confirmed_order_that_is_cancelled_is_voided_and_released_and_keeps_its_cart() -> None:
    story = Story().place(cart_id="c").settle().ask(CANCEL).settle().sound()
    assert len(story.told(PaymentVoidRequested)) == 1
    assert story.told(RefundRequested) == []
    assert story.world.carts["c"].order_id == "o-1"
    assert story.status == "cancelled, ended"


def test_an_order_that_was_paid_is_refunded_and_not_voided() -> None:
    story = Story().place(capture="at-confirmation").settle().ask(CANCEL).settle().sound()
    (back,) = story.told(RefundRequested)
    assert back.amount == 3000
    assert story.told(PaymentVoidRequested) == []


def slow(call: Call) -> Facts:
    """Return what a provider says that took the money, and tells so much later."""
    if isinstance(call, Void):
        return (failed(call, "captured"),)
    return answer(call) if isinstance(call, Refund) else ()


@pytest.mark.parametrize("order", list(permutations(["cancel", "authorized", "captured"])))
@pytest.mark.parametrize("twice", [False, True])
def test_cancelling_authorising_and_capturing_in_any_order_ends_in_one_refund(
    order: tuple[str, ...], *, twice: bool
) -> None:
    told: dict[str, Any] = {"cancel": CANCEL, "authorized": AUTHORIZED, "captured": CAPTURED}
    story = Story()
    story.world.provider = slow
    story.place().settle()
    for word in order * (2 if twice else 1):
        story.world.ask("order", "o-1", told[word])
        story.settle()
    story.sound()
    assert sum([each.amount for each in story.told(RefundRequested)]) == 3000
    assert balance(owed(story.order), story.order.payments).refunded == 3000


def test_a_void_that_is_refused_turns_into_a_refund() -> None:
    story = Story().place().settle()

    def taken_already(call: Call) -> Facts:
        return (failed(call, "captured"), CAPTURED) if isinstance(call, Void) else answer(call)

    story.world.provider = taken_already
    story.ask(CANCEL).settle().sound()
    (back,) = story.told(RefundRequested)
    assert back.amount == 3000


def test_a_void_that_fails_is_tried_again_later_and_stops_nothing_else() -> None:
    story = Story().place().settle()
    failures = iter([True] * 3)
    story.world.provider = lambda call: (
        (failed(call, "no"),) if isinstance(call, Void) and next(failures, False) else answer(call)
    )
    story.ask(CANCEL)
    while story.world.step():
        pass
    assert [each.what for each in waits(story.process)] == ["void-payment checkout-1 2"]
    assert not any(units.reserved for units in story.order.units)
    story.settle().sound()
    assert len(story.told(PaymentVoidRequested)) == 4
    assert story.status == "cancelled, ended"


def test_a_refund_that_fails_is_made_again_under_another_id() -> None:
    story = Story().place(capture="at-confirmation").settle()
    failures = iter([True, True])
    story.world.provider = lambda call: (
        (failed(call, "no"),) if isinstance(call, Refund) and next(failures, False) else answer(call)
    )
    story.ask(CANCEL).settle().sound()
    assert len({each.refund_id for each in story.told(RefundRequested)}) == 3
    assert balance(owed(story.order), story.order.payments).refunded == 3000


def test_what_a_person_refunds_at_the_same_moment_is_not_refunded_twice() -> None:
    story = Story().place(capture="at-confirmation").settle()
    capture_id = story.order.payments.payments[0].captures[0].capture_id
    story.ask(CancelLines(lines=(UnitsToCancel(line_id="A", quantity=1),))).until("refund-payment")
    story.ask(payment.RefundPayment(refund_id="by-hand", capture_id=capture_id, amount=1000))
    story.settle().sound()
    assert balance(owed(story.order), story.order.payments).refunded == 1000


def test_a_reservation_whose_answer_is_not_there_yet_is_released_as_well() -> None:
    story = Story().place().until("reserve-stock")
    story.world.ways = {way: said for way, said in story.world.ways.items() if way[0] != "command"}  # lost
    story.ask(CANCEL)
    while story.world.step():
        pass
    assert {each.line_id for each in story.sent(ReleaseStock)} == {"A", "B"}
    late = story.sent(ReserveStock)[0]
    assert story.world.ask("stock", f"sku-{late.line_id}@vienna", late) == Code.RESERVATION_RELEASED
    story.settle().sound()


def test_cancelled_units_are_released_and_paid_back() -> None:
    story = Story().place(capture="at-confirmation").settle()
    story.ask(CancelLines(lines=(UnitsToCancel(line_id="A", quantity=1),))).settle().sound()
    (released,) = story.sent(ReleaseStock)
    assert released.keep == 1
    assert story.order.units[0].reserved == 1
    assert [each.amount for each in story.told(RefundRequested)] == [1000]


def test_what_left_is_not_released_when_the_rest_is_cancelled() -> None:
    story = Story().place().settle()
    story.ask(ShipOrder(shipment_id="s", lines=(Units(line_id="A", quantity=1),), at=NOON)).settle()
    story.ask(CancelLines(lines=(UnitsToCancel(line_id="A", quantity=1),))).settle().sound()
    assert story.sent(ReleaseStock)[-1].keep == 1
    assert story.order.units[0].reserved == 1


def test_an_order_without_a_checkout_gets_its_money_back_as_well() -> None:
    story = Story()
    story.ask(order(line("A", 2), line("B"))).ask(replace(AUTHORIZED, payment_id="p")).settle()
    assert "o-1" not in story.world.processes
    story.ask(CANCEL).settle()
    assert len(story.told(PaymentVoidRequested)) == 1


def test_a_message_that_comes_again_says_nothing_new() -> None:
    story = Story().place().settle()
    event = story.told(OrderPlaced)[0]
    placed = fold("o-1", (event,))
    assert placed is not None
    heard = OrderHeard(event=event, version=1, order=known(placed))
    assert react(story.process, "o-1", heard, NOON) == Reaction(process=story.process)


def test_a_process_that_has_finished_goes_on_when_something_comes_late() -> None:
    story = Story().place().settle().ask(CANCEL).settle().sound()
    assert not story.world.timers
    ids = {each.id for each in story.world.sent}
    story.ask(replace(CAPTURED, payment_id="stranger")).settle().sound()
    later = {each.id for each in story.world.sent} - ids
    assert len(later) == 1
    assert story.status == "cancelled, ended"


def test_the_next_attempt_comes_later_and_later_but_comes() -> None:
    assert [backoff(attempt) for attempt in (1, 2, 3)] == [RETRY_AFTER, 2 * RETRY_AFTER, 4 * RETRY_AFTER]
    assert backoff(1000) == RETRY_AT_MOST


# C36: every step and every compensation fails, by a refusal or by silence, and is made in the end.

FORWARD = [
    Step.CLAIM_CART,
    Step.RESERVE_STOCK,
    Step.AUTHORIZE_PAYMENT,
    Step.CONFIRM_ORDER,
    Step.CAPTURE_PAYMENT,
]
BACKWARD = [Step.RELEASE_STOCK, Step.RELEASE_CART, Step.CANCEL_ORDER]
MONEY_BACK = [Step.VOID_PAYMENT, Step.REFUND_PAYMENT]


def denying(world: World, step: Step, times: int) -> None:
    """Refuse the first attempts at a step."""
    left = [times]

    def deny(command: Any) -> Code | None:
        if f"/{step.value}/" in command.id and left[0]:
            left[0] -= 1
            return Code.VERSION_CONFLICT
        return None

    world.deny = deny


def losing(world: World, step: Step, times: int) -> None:
    """Lose the first attempts at a step: they are never decided, and nobody says so."""
    decide, left = world._decide, [times]

    def lose(command: Any) -> str | None:
        if f"/{step.value}/" in command.id and left[0]:
            left[0] -= 1
            return None
        return decide(command)

    world._decide = lose  # type: ignore[method-assign] # as a crash would


@pytest.mark.parametrize("step", [*FORWARD, Step.RECORD_RESERVATION])
def test_a_step_whose_command_is_lost_is_tried_again_until_the_order_stands(step: Step) -> None:
    story = Story()
    losing(story.world, step, 3)
    story.place(cart_id="c", capture="at-confirmation").settle().sound()
    assert story.status == "confirmed, confirmed"
    assert [each.id for each in story.world.sent if f"/{step}/" in each.id][-1].endswith(("/3", "/4"))


@pytest.mark.parametrize("step", [Step.AUTHORIZE_PAYMENT, Step.CONFIRM_ORDER, Step.CAPTURE_PAYMENT])
def test_a_step_that_is_refused_for_a_while_is_visible_and_then_done(step: Step) -> None:
    story = Story()
    denying(story.world, step, 5)
    story.place(capture="at-confirmation")
    while story.world.step():
        pass
    (waiting,) = stuck(story.process, NOON + timedelta(hours=1))
    assert (waiting.what.split()[0], waiting.code) == (step.value, Code.VERSION_CONFLICT)
    story.settle().sound()
    assert story.status == "confirmed, confirmed"


@pytest.mark.parametrize("step", [Step.CLAIM_CART, Step.RESERVE_STOCK])
def test_a_step_that_is_refused_undoes_the_checkout(step: Step) -> None:
    story = Story()
    denying(story.world, step, 1)
    story.place(cart_id="c").settle().sound()
    assert story.status == "cancelled, ended"


@pytest.mark.parametrize("fail", [denying, losing])
@pytest.mark.parametrize("step", [*BACKWARD, *MONEY_BACK])
def test_a_compensation_that_fails_is_made_again_until_it_is_acknowledged(step: Step, fail: Any) -> None:
    story = Story()
    fail(story.world, step, 4)
    if step in MONEY_BACK:
        story.place(capture="at-confirmation" if step is Step.REFUND_PAYMENT else "manual").settle().ask(
            CANCEL
        )
    else:
        story.receive("A", 1).place(cart_id="c", units={"A": 2, "C": 1})
    while story.world.step():
        pass
    assert any(each.what.startswith(step.value) for each in waits(story.process))
    story.settle().sound()
    assert story.status == "cancelled, ended"
    assert len(story.told(OrderCancelled)) == 1
    assert waits(story.process) == ()


def test_a_note_between_a_refund_and_its_answer_pays_nothing_twice() -> None:
    story = Story().place(capture="at-confirmation").settle().ask(CANCEL).until("refund-payment")
    story.ask(AddNote(note_id="n", text="hello")).settle().sound()
    assert len(story.told(RefundRequested)) == 1


def test_a_refund_that_waits_is_as_old_as_its_first_attempt_whatever_happens_to_the_order() -> None:
    story = Story().place(capture="at-confirmation").settle()
    denying(story.world, Step.REFUND_PAYMENT, 10)
    story.ask(CANCEL)
    while story.world.step():
        pass
    story.world.pass_time(timedelta(minutes=10))
    story.ask(AddNote(note_id="n", text="hello"))
    while story.world.step():
        pass
    (waiting,) = stuck(story.process, story.world.now)
    assert waiting.since == NOON


def test_two_captures_go_back_as_two_refunds_at_once() -> None:
    story = Story().place().settle()
    story.ask(capture(1000)).ask(replace(capture(2000), capture_id="l")).settle().ask(CANCEL).settle().sound()
    assert [each.amount for each in story.told(RefundRequested)] == [1000, 2000]
    first = story.told(RefundRequested)[0].refund_id.removesuffix("-0")
    assert [each.refund_id for each in story.told(RefundRequested)] == [f"{first}-0", f"{first}-1"]


def test_an_answer_that_a_provider_owes_is_awaited_since_it_was_asked() -> None:
    story = Story()
    story.world.provider = lambda _call: ()
    story.place().settle()
    story.world.pass_time(timedelta(minutes=20))
    story.ask(AddNote(note_id="n", text="hello")).settle()
    (waiting,) = stuck(story.process, story.world.now)
    assert waiting.since == NOON


def test_a_cart_that_was_released_is_not_claimed_by_an_old_message() -> None:
    story = Story().place(cart_id="c", method=NO_FUNDS).settle().sound()
    assert story.process.cart is CartIs.RELEASED
    heard = CartHeard(cart_id="c", event=CartClaimed(order_id="o-1"))
    assert react(story.process, "o-1", heard, NOON) == Reaction(process=story.process)


def test_a_process_that_begins_with_another_aggregate_is_told_of_the_order_first() -> None:
    story = Story().place().settle()
    seen = OrderSeen(order=known(story.order))
    process = react(None, "o-1", seen, NOON).process
    assert process is not None
    assert (process.version, process.heard) == (story.order.version, 0)
    assert process.money == story.process.money
    assert react(process, "o-1", seen, NOON) == Reaction(process=process), "it says nothing new"
