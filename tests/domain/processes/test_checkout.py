"""The checkout: claim, reserve, authorise, confirm; and back again in reverse order."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from app.domain.order.commands import (
    CancelLines,
    CancelOrder,
    ConfirmOrder,
    HoldOrder,
    ReleaseOrder,
    UnitsToCancel,
)
from app.domain.order.events import OrderCancelled, OrderConfirmed, OrderExpired, ReservationRecorded
from app.domain.order.statuses import OrderStatus, order_status
from app.domain.payment import commands as payment
from app.domain.payment.events import PaymentCaptureRequested, PaymentVoidRequested, RefundRequested
from app.domain.processes.inputs import OrderHeard, TimerFired
from app.domain.processes.known import known
from app.domain.processes.react import react
from app.domain.processes.steps import Step
from app.domain.processes.waiting import stage, stuck, waits
from app.domain.refused import Code
from app.domain.stock.commands import ReserveStock
from app.effects.calls import Authorize, Call, Capture
from app.effects.house import NO_FUNDS, answer
from app.effects.provider import Facts, failed
from tests.domain.processes.scenario import VIENNA, Story
from tests.domain.scenario import NOON, line, order

HOUR = timedelta(hours=1)


def silent(_call: Call) -> Facts:
    return ()


def only(*steps: str, of: Story) -> list[str]:
    return [step for step in of.steps() if step in steps]


def test_an_order_claims_its_cart_then_reserves_its_lines_then_is_authorised_then_confirmed() -> None:
    story = Story().place(cart_id="c").settle().sound()
    telling = (Step.RECORD_RESERVATION,)
    assert [step for step in story.steps() if step not in telling] == [
        "claim-cart",
        "reserve-stock",
        "reserve-stock",
        "authorize-payment",
        "confirm-order",
    ]
    (authorized,) = story.sent(payment.AuthorizePayment)
    assert authorized.amount == 3000
    assert story.status == "confirmed, confirmed"
    assert not waits(story.process)
    assert not story.world.timers


def test_the_commands_have_ids_of_process_step_number_and_attempt() -> None:
    story = Story().place().settle()
    ids = [each.id for each in story.world.sent]
    assert ids[:2] == ["o-1/reserve-stock/1/1", "o-1/reserve-stock/2/1"]
    assert len(set(ids)) == len(ids)


def test_the_ids_of_an_order_with_a_long_id_fit() -> None:
    order_id = "o" * 128
    story = Story().place(order_id)
    story.world.step()
    assert all(len(each.id) <= 128 for each in story.world.sent)
    assert len({each.id for each in story.world.sent}) == 2


def test_an_order_without_a_checkout_has_no_process() -> None:
    story = Story()
    story.ask(order(line("A")))
    story.settle()
    assert story.world.processes == {}
    assert story.world.sent == []


def test_an_order_that_costs_nothing_is_confirmed_without_a_payment() -> None:
    story = Story()
    story.ask(order(line("A", unit_price=0), checkout=VIENNA))
    story.settle().sound()
    assert story.status == "confirmed, confirmed"
    assert not story.order.payments.payments


def test_without_the_last_line_none_is_kept_and_all_is_undone_in_reverse_order() -> None:
    story = Story(A=10, B=1, C=10)
    story.place(cart_id="c", units={"A": 1, "B": 2, "C": 1}).settle().sound()
    assert story.told(OrderCancelled)[0].reason == Code.OUT_OF_STOCK
    back = only("release-stock", "release-cart", "cancel-order", of=story)
    assert back[-2:] == ["release-cart", "cancel-order"]
    assert back.count("release-stock") == 2
    assert story.world.carts["c"].order_id is None
    assert story.status == "cancelled, ended"
    assert not only("authorize-payment", of=story)


def test_lines_are_released_from_the_last_to_the_first() -> None:
    story = Story().place(method=NO_FUNDS, cart_id="c").settle().sound()
    begin = story.steps().index("release-stock")
    assert story.steps()[begin : begin + 4] == [
        "release-stock",
        "release-stock",
        "release-cart",
        "cancel-order",
    ]
    assert [each.key for each in story.world.sent[begin : begin + 2]] == ["sku-B@vienna", "sku-A@vienna"]
    assert story.told(OrderCancelled)[0].reason == "payment-declined"


def test_an_order_that_may_wait_is_confirmed_with_what_is_there_and_gets_the_rest_later() -> None:
    story = Story(A=1, B=1).place(backorder=True).settle().sound()
    assert story.status == "confirmed, confirmed"
    assert story.order.units[0].backordered == 1
    story.receive("A", 1).settle().sound()
    assert (story.order.units[0].reserved, story.order.units[0].backordered) == (2, 0)


def test_the_second_order_for_a_cart_is_cancelled_and_leaves_the_cart_to_the_first() -> None:
    story = Story().place("o-2", cart_id="c").settle().place(cart_id="c").settle().sound()
    assert story.told(OrderCancelled)[0].reason == Code.CART_ALREADY_ORDERED
    assert story.world.carts["c"].order_id == "o-2"
    assert not only("release-cart", of=story)


def test_an_order_on_hold_is_left_to_a_hand_and_confirmed_when_it_is_released() -> None:
    story = Story().place().ask(HoldOrder(code="fraud", at=NOON)).settle()
    assert story.status == "placed, on-hold"
    assert [each.what for each in stuck(story.process, story.world.now + HOUR)] == ["on-hold"]
    story.ask(ReleaseOrder(code="fraud", at=NOON)).settle().sound()
    assert story.status == "confirmed, confirmed"


def test_an_order_that_a_person_confirms_is_not_confirmed_twice() -> None:
    story = Story().place().until("reserve-stock").ask(ConfirmOrder(at=NOON)).settle().sound()
    assert len(story.told(OrderConfirmed)) == 1
    assert not only("confirm-order", of=story)


def test_money_is_taken_at_the_confirmation_if_the_shop_wants_it() -> None:
    story = Story().place(capture="at-confirmation").settle().sound()
    (captured,) = story.told(PaymentCaptureRequested)
    assert captured.amount == 3000


def test_a_capture_that_fails_is_tried_again_under_another_id() -> None:
    story = Story()
    failures = iter([True, True])
    story.world.provider = lambda call: (
        (failed(call, "no"),) if isinstance(call, Capture) and next(failures, False) else answer(call)
    )
    story.place(capture="at-confirmation").settle().sound()
    assert len({each.capture_id for each in story.told(PaymentCaptureRequested)}) == 3
    assert story.order.payments.payments[0].captures[-1].captured == 3000


def test_200_orders_for_the_last_unit_are_one_that_is_confirmed_and_199_that_pay_nothing() -> None:
    story = Story(A=1)
    for number in range(1, 201):
        story.place(f"o-{number}", units={"A": 1}, capture="at-confirmation")
    story.settle().sound()
    statuses = [order_status(each) for each in story.world.orders.values()]
    assert statuses.count(OrderStatus.CONFIRMED) == 1
    assert statuses.count(OrderStatus.CANCELLED) == 199
    assert len(story.told(PaymentCaptureRequested)) == 1
    assert len(story.sent(payment.AuthorizePayment)) == 1


def test_the_same_sku_twice_in_one_order_counts_twice() -> None:
    story = Story(A=1)
    story.place("o-2", units={"B": 1}).settle()  # has no stock at all
    twin = order(line("A"), line("A2"), checkout=VIENNA)
    lines = (twin.lines[0], replace(twin.lines[1], sku="sku-A"))
    story.ask(replace(twin, lines=lines)).settle().sound()
    assert story.told(OrderCancelled)[-1].reason == Code.OUT_OF_STOCK


def test_an_order_that_is_not_paid_in_time_expires_and_gives_everything_back() -> None:
    story = Story()
    story.world.provider = silent
    story.place(pay_within_s=60, cart_id="c").settle()
    assert len(story.told(OrderExpired)) == 1
    assert len(story.sent(payment.AuthorizePayment)) == 1  # it is waited for, not asked for twice
    assert [each.what for each in waits(story.process)] == ["authorization checkout-1 of checkout-1"]
    assert [each.what for each in stuck(story.process, story.world.now)] == []
    assert len(stuck(story.process, story.world.now + HOUR)) == 1
    assert story.world.carts["c"].order_id is None
    # The answer comes a day late, and is given back.
    late = payment.RecordPaymentAuthorized(payment_id="checkout-1", amount=3000)
    story.world.provider = None
    story.ask(late).settle().sound()
    assert len(story.told(PaymentVoidRequested)) == 1
    assert story.status == "expired, ended"


def test_an_order_that_was_paid_in_time_does_not_expire_whatever_it_waits_for() -> None:
    story = Story().place(pay_within_s=60).ask(HoldOrder(code="fraud", at=NOON)).settle()
    story.world.pass_time(HOUR)
    story.settle()
    assert story.told(OrderExpired) == []
    assert not only("expire-order", of=story)


def test_a_timer_that_is_fired_by_a_slow_clock_is_believed() -> None:
    story = Story()
    story.world.provider = silent
    story.place(pay_within_s=60).until("authorize-payment")
    heard = TimerFired(name="pay", due=NOON + timedelta(seconds=60))
    reaction = react(story.process, "o-1", heard, NOON + timedelta(seconds=59))
    assert "o-1/expire-order" in [each.id.rsplit("/", 2)[0] for each in reaction.commands]


def test_an_authorisation_that_ends_before_the_confirmation_is_asked_for_again_but_not_for_ever() -> None:
    story = Story()

    def short(call: Call) -> Facts:
        if isinstance(call, Authorize):
            return (
                payment.RecordPaymentAuthorized(
                    payment_id=call.payment_id, amount=call.amount, expires_at=story.world.now + HOUR
                ),
            )
        return answer(call)

    story.world.provider = short
    story.place().ask(HoldOrder(code="fraud", at=NOON)).settle().sound()
    assert story.told(OrderCancelled)[0].reason == "payments-too-many"
    assert len(story.order.payments.payments) == 5
    assert all(each.expired for each in story.order.payments.payments)


def test_units_that_are_cancelled_before_they_are_reserved_are_never_held() -> None:
    one = CancelLines(lines=(UnitsToCancel(line_id="A", quantity=1),))
    story = Story()
    story.world.deny = lambda command: (
        Code.OUT_OF_STOCK if isinstance(command.command, ReserveStock) and not story.order.cancelled else None
    )
    story.place(backorder=True).ask(one)
    story.world.deny = None
    story.settle().sound()
    assert story.order.units[0].reserved == 1


def test_what_a_customer_pays_by_hand_is_taken_for_the_authorisation() -> None:
    story = Story().place(units={"A": 1}).until("reserve-stock")
    paid = payment.RecordPaymentCaptured(payment_id="theirs", capture_id="theirs", amount=1000)
    story.ask(paid).settle().sound()
    assert story.status == "confirmed, confirmed"
    assert not only("authorize-payment", of=story)


@pytest.mark.parametrize("late", [0, 60, 86_400])
def test_a_capture_after_the_cancellation_is_refunded_once(late: int) -> None:
    story = Story().place().settle()
    story.world.provider = lambda call: () if isinstance(call, Capture) else answer(call)
    story.ask(payment.CapturePayment(capture_id="k", payment_id="checkout-1", amount=3000, at=NOON))
    story.ask(CancelOrder()).settle()
    story.world.provider = None
    story.world.pass_time(timedelta(seconds=late))
    taken = payment.RecordPaymentCaptured(payment_id="checkout-1", capture_id="k", amount=3000)
    story.ask(taken).ask(taken).settle().sound()
    (back,) = story.told(RefundRequested)
    assert back.amount == 3000
    assert story.told(PaymentVoidRequested) == []
    assert stage(story.process) == "ended"


def test_a_line_of_which_fewer_units_are_wanted_before_its_command_arrives_is_reserved_all_the_same() -> None:
    story = Story().place(units={"A": 2}).until("reserve-stock")
    story.world.ways.clear()  # the command is lost
    one = CancelLines(lines=(UnitsToCancel(line_id="A", quantity=1),))
    story.ask(one).settle().sound()
    assert story.status == "confirmed, confirmed"
    assert story.order.units[0].reserved == 1


def test_a_process_that_begins_in_the_middle_reckons_the_money() -> None:
    story = Story().place().settle()
    event = story.told(ReservationRecorded)[0]
    heard = OrderHeard(event=event, version=2, order=known(story.order))
    process = react(None, "o-1", heard, NOON).process
    assert process is not None
    assert process.money == story.process.money
