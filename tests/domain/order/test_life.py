"""Whatever becomes of an order, and in whatever order: the invariants of its units, money and ids hold."""

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.domain.order import commands
from app.domain.order.commands import LineQuantity, OrderCommand, Units, UnitsBack, UnitsToCancel
from app.domain.order.decider import decide
from app.domain.order.evolver import evolve, fold
from app.domain.order.owed import owed, uncovered
from app.domain.order.standing import unshipped
from app.domain.order.state import Order
from app.domain.order.statuses import OrderStatus, fulfilment_status, order_status, payment_status
from app.domain.payment import commands as pay
from app.domain.refused import Code, Refused
from app.views.order import order_answer
from tests.domain.scenario import NOON, ORDER_ID, added, line, order, shipping

if TYPE_CHECKING:
    from app.domain.order.events import OrderEvent

PLACE = order(
    line("a", 7, 1001, order_discount_share=2, tax_rate_bp=700),
    line("b", 5, 333, tax_rate_bp=1900),
    shipping=(shipping(490, tax_rate_bp=1900),),
)
LINES = st.sampled_from(["a", "a", "b", "c"])
COUNT = st.integers(1, 3)
FEW = st.integers(0, 3)
REASON = st.sampled_from(["", "why", "why"])
NAME = st.sampled_from(["1", "2", "3", "4"])
CODES = st.sampled_from(["fraud", "address"])
MONEY = st.sampled_from([1, 500, 4000])
LATE = 8  # events before which no rule tries to end the order


def units(line_id: str, quantity: int) -> tuple[Units]:
    return (Units(line_id=line_id, quantity=quantity),)


def is_late(machine: Any) -> bool:
    return len(machine.events) > LATE


def has_shipments(machine: Any) -> bool:
    return bool(machine.now.shipments)


def has_returns(machine: Any) -> bool:
    return bool(machine.now.returns)


def has_proposals(machine: Any) -> bool:
    return any(each.open for each in machine.now.amendments)


def has_payments(machine: Any) -> bool:
    return bool(machine.now.payments.payments)


class LifeOfAnOrder(RuleBasedStateMachine):
    """Asks for anything, and checks after each answer what must hold."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[OrderEvent] = []
        self.order: Order | None = None

    @property
    def now(self) -> Order:
        assert self.order is not None
        return self.order

    @initialize(stage=st.integers(0, 4), reserved=st.integers(0, 7))
    def begin(self, stage: int, reserved: int) -> None:
        """Begin early or late in a life, so that no stage is rare."""
        self.ask(PLACE)
        self.ask(commands.RecordReservation(line_id="a", reserved=reserved, revision=1))
        life = (
            commands.ConfirmOrder(at=NOON),
            commands.ShipOrder(shipment_id="0", lines=units("a", 4), reason="by hand", at=NOON),
            commands.ConfirmDelivery(shipment_id="0", lines=units("a", 2), at=NOON),
            commands.AdviseReturn(return_id="0", lines=units("a", 3)),
        )
        for command in life[:stage]:
            assert self.ask(command) is None

    @rule()
    def confirm(self) -> None:
        self.ask(commands.ConfirmOrder(at=NOON))

    @precondition(is_late)
    @rule(code=CODES, hold=st.booleans())
    def hold_or_release(self, code: str, *, hold: bool) -> None:
        self.ask((commands.HoldOrder if hold else commands.ReleaseOrder)(code=code, at=NOON))

    @precondition(is_late)
    @rule(name=NAME, text=REASON)
    def say(self, name: str, text: str) -> None:
        self.ask(commands.AddNote(note_id=name, text=text))
        self.ask(commands.ChangeShippingAddress(address=commands.Address(name=name)))

    @precondition(has_shipments)
    @rule(line_id=LINES, quantity=COUNT)
    def cancel_units(self, line_id: str, quantity: int) -> None:
        self.ask(commands.CancelLines(lines=(UnitsToCancel(line_id=line_id, quantity=quantity),)))

    @precondition(is_late)
    @rule(
        how=st.sampled_from(
            [commands.CloseOrder(at=NOON), commands.CancelOrder(), commands.ExpireOrder(at=NOON)]
        )
    )
    def end(self, how: OrderCommand) -> None:
        self.ask(how)

    @precondition(lambda self: not unshipped(self.now))
    @rule()
    def close_unpaid(self) -> None:
        self.ask(commands.CloseOrder(at=NOON, reason="written off"))

    @rule(line_id=LINES, reserved=FEW, backordered=st.integers(0, 1), revision=st.integers(1, 9))
    def reserve(self, line_id: str, reserved: int, backordered: int, revision: int) -> None:
        self.ask(
            commands.RecordReservation(
                line_id=line_id, reserved=reserved, backordered=backordered, revision=revision
            )
        )

    @rule(line_id=LINES, revision=st.integers(1, 9))
    def give_up(self, line_id: str, revision: int) -> None:
        self.ask(commands.ReleaseReservation(line_id=line_id, revision=revision))

    @rule(name=NAME, line_id=LINES, quantity=st.integers(1, 7), reason=REASON)
    def ship(self, name: str, line_id: str, quantity: int, reason: str) -> None:
        before = self.now
        known = any(each.facts.shipment_id == name for each in before.shipments)
        command = commands.ShipOrder(shipment_id=name, lines=units(line_id, quantity), reason=reason, at=NOON)
        if self.ask(command) is not None or known:
            return
        assert not before.holds
        assert before.confirmed or reason
        for each, was in zip(self.now.all_units, before.all_units, strict=True):
            assert each.shipped <= each.reserved or reason or each == was

    @precondition(has_shipments)
    @rule(data=st.data(), line_id=LINES, quantity=st.integers(1, 7), whole=st.booleans())
    def arrive(self, data: st.DataObject, line_id: str, quantity: int, *, whole: bool) -> None:
        shipment = data.draw(st.sampled_from(self.now.shipments)).facts.shipment_id
        self.ask(commands.UpdateTracking(shipment_id=shipment, tracking=str(quantity)))
        lines = () if whole else units(line_id, quantity)
        self.ask(commands.ConfirmDelivery(shipment_id=shipment, lines=lines, at=NOON))

    @precondition(has_shipments)
    @rule(name=NAME, line_id=LINES, quantity=COUNT)
    def advise(self, name: str, line_id: str, quantity: int) -> None:
        self.ask(commands.AdviseReturn(return_id=name, lines=units(line_id, quantity)))

    @precondition(has_returns)
    @rule(data=st.data(), name=NAME, line_id=LINES, sellable=st.integers(0, 5), damaged=FEW)
    def come_back(self, data: st.DataObject, name: str, line_id: str, sellable: int, damaged: int) -> None:
        found = data.draw(st.sampled_from(self.now.returns)).facts.return_id
        lines = (UnitsBack(line_id=line_id, sellable=sellable, damaged=damaged),)
        self.ask(commands.RecordReturnReceipt(return_id=found, receipt_id=name, lines=lines, at=NOON))

    @precondition(has_returns)
    @rule(data=st.data())
    def keep_what_did_not_come(self, data: st.DataObject) -> None:
        found = data.draw(st.sampled_from(self.now.returns)).facts.return_id
        self.ask(commands.WithdrawReturn(return_id=found))

    @rule(name=NAME, quantity=FEW, more=st.booleans())
    def propose(self, name: str, quantity: int, *, more: bool) -> None:
        """The refusal says what the difference is."""
        change = commands.ProposeAmendment(
            amendment_id=name,
            lines=added(line("c", 2, 150)) if more else (),
            quantities=(LineQuantity(line_id="a", quantity=quantity),),
            difference=2**40,
        )
        refused = self.ask(change)
        if refused is not None and refused.code == Code.TOTALS_DIFFER:
            right = int(re.findall(r"give (-?\d+)", refused.detail)[0])
            assert self.ask(msgspec.structs.replace(change, difference=right)) is None

    @precondition(has_proposals)
    @rule(yes=st.booleans())
    def answer(self, *, yes: bool) -> None:
        change = next(each.facts for each in self.now.amendments if each.open)
        before = owed(self.now).total
        self.ask(
            (commands.ConfirmAmendment if yes else commands.RejectAmendment)(amendment_id=change.amendment_id)
        )
        if self.now.amendments[-1].confirmed:
            assert owed(self.now).total == before + change.difference
            assert change.difference <= 0 or not uncovered(self.now)

    @rule(name=NAME)
    def authorize_what_is_missing(self, name: str) -> None:
        missing = uncovered(self.now) + owed(self.now).proposed
        if missing:
            self.ask(pay.AuthorizePayment(payment_id=name, amount=missing))
            self.ask(pay.RecordPaymentAuthorized(payment_id=name, amount=missing))

    @precondition(has_payments)
    @rule(data=st.data(), name=NAME, amount=MONEY, answered=st.booleans())
    def capture(self, data: st.DataObject, name: str, amount: int, *, answered: bool) -> None:
        payment = data.draw(st.sampled_from(self.now.payments.payments)).payment_id
        self.ask(pay.CapturePayment(capture_id=name, payment_id=payment, amount=amount, at=NOON))
        if answered:
            self.ask(pay.RecordPaymentCaptured(capture_id=name, payment_id=payment, amount=amount))
            self.ask(pay.GrantRefund(grant_id=name, amount=1))
        self.ask(pay.VoidPayment(payment_id=payment))

    def ask(self, command: OrderCommand) -> Refused | None:
        """Do what is asked, and see that asking again adds no fact. To cancel units has no name of its own."""
        try:
            events = decide(self.order, command)
        except Refused as refusal:
            return refusal
        for event in events:
            self.order = evolve(self.order, event, ORDER_ID)
        self.events += events
        with suppress(Refused):
            assert decide(self.order, command) == () or isinstance(command, commands.CancelLines)
        return None

    @invariant()
    def every_unit_is_in_one_place(self) -> None:
        for placed, cancelled, each in zip(
            self.now.facts.lines, self.now.all_cancelled, self.now.all_units, strict=True
        ):
            assert 0 <= cancelled <= placed.quantity
            assert 0 <= each.delivered <= each.shipped <= placed.quantity - cancelled
            assert 0 <= each.returned <= each.advised <= each.shipped
            assert min(each.reserved, each.backordered, each.sellable, each.damaged) >= 0

    @invariant()
    def lines_agree_with_shipments_and_returns(self) -> None:
        sent = [part for shipment in self.now.shipments for part in shipment.sent]
        back = [part for found in self.now.returns for box in found.receipts for part in box.came]
        for place, each in enumerate(self.now.all_units):
            assert each.shipped == sum(part.quantity for part in sent if part.place == place)
            assert each.delivered == sum(part.delivered for part in sent if part.place == place)
            assert each.sellable == sum(part.sellable for part in back if part.place == place)
            assert each.damaged == sum(part.damaged for part in back if part.place == place)

    @invariant()
    def the_total_is_that_of_what_is_left(self) -> None:
        facts = self.now.facts
        parts = [each.line_total for each in facts.lines] + [each.total for each in facts.shipping]
        assert facts.totals.total == sum(parts)
        left = facts.totals.total - self.now.cancelled_amount
        assert owed(self.now).total == left >= 0
        if self.now.ended:
            assert left == 0

    @invariant()
    def ids_are_there_once(self) -> None:
        now = self.now
        for names in (
            [each.facts.shipment_id for each in now.shipments],
            [each.facts.return_id for each in now.returns],
            [each.facts.amendment_id for each in now.amendments],
            [each.note_id for each in now.notes],
            [each.code for each in now.holds],
        ):
            assert len(names) == len(set(names))
        assert sum(each.open for each in now.amendments) <= 1

    @invariant()
    def what_has_ended_has_nothing_left_to_do(self) -> None:
        if order_status(self.now) is OrderStatus.CLOSED:
            assert not unshipped(self.now)
        if self.now.ended or self.now.closed:
            assert not self.now.holds

    @invariant()
    def readers_get_an_answer(self) -> None:
        answer = order_answer(self.now)
        assert answer.status.order == order_status(self.now)
        assert answer.status.payment == payment_status(self.now)
        assert answer.status.fulfilment == fulfilment_status(self.now)

    def teardown(self) -> None:
        """Fold in parts, through the bytes of the row."""
        if self.order is None:
            return
        assert self.order.version == len(self.events)
        for cut in range(1, len(self.events) + 1):
            part = fold(ORDER_ID, self.events[:cut])
            stored = msgspec.json.decode(msgspec.json.encode(part), type=Order)
            assert fold(ORDER_ID, self.events[cut:], stored) == self.order


LifeOfAnOrder.TestCase.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
TestLife = LifeOfAnOrder.TestCase
