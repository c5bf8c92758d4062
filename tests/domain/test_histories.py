"""Whatever is asked of an order, and when: the invariants hold, and folding in parts changes nothing."""

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from app.domain.order.amounts import priced, verify
from app.domain.order.commands import (
    CancelLines,
    CancelOrder,
    Line,
    LineDiscount,
    OrderCommand,
    PlaceOrder,
    ShippingLine,
    Totals,
    UnitsToCancel,
)
from app.domain.order.decider import decide
from app.domain.order.events import OrderCancelled, OrderEvent, OrderLinesCancelled
from app.domain.order.evolver import evolve, fold
from app.domain.order.statuses import OrderStatus, order_status
from app.domain.refused import Code, Refused
from tests.domain.scenario import NOON, ORDER_ID

if TYPE_CHECKING:
    from app.domain.order.state import Order

NAMES = ("a", "b", "c", "d")
RATES = st.sampled_from([0, 550, 700, 1900, 10_000])
PARTS = st.sampled_from([0, 0, 0, 500_000, 1, 999_999])


@st.composite
def lines(draw: st.DrawFn, line_id: str) -> Line:
    quantity, unit_price = draw(st.integers(1, 7)), draw(st.integers(0, 5000))
    precision = draw(st.sampled_from([0, 0, 0, 1, 3]))
    worth = unit_price * quantity // 10**precision
    share = draw(st.integers(0, worth // 2))
    off = draw(st.integers(0, worth - share))
    return Line(
        line_id=line_id,
        sku="s",
        quantity=quantity,
        unit_price=unit_price,
        unit_price_precision=precision,
        order_discount_share=share,
        line_discounts=(LineDiscount(id="d", amount=off),) if off else (),
        tax_rate_bp=draw(RATES),
        tax_rate_micro_bp=draw(PARTS),
        line_total=0,
    )


@st.composite
def orders(draw: st.DrawFn) -> PlaceOrder:
    charges = [
        ShippingLine(
            line_id=name,
            amount=500,
            discount=draw(st.integers(0, 500)),
            tax_rate_bp=1900,
            tax_rate_micro_bp=draw(PARTS),
            total=0,
        )
        for name in draw(st.sampled_from([(), ("s",), ("s", "t")]))
    ]
    return priced(
        PlaceOrder(
            placed_at=NOON,
            currency="EUR",
            prices_include_tax=draw(st.booleans()),
            tax_mode=draw(st.sampled_from(["line", "unit"])),
            rounding=draw(st.sampled_from(["half_even", "half_up"])),
            lines=tuple(draw(lines(name)) for name in NAMES[: draw(st.integers(1, len(NAMES)))]),
            shipping=tuple(charges),
            totals=Totals(goods=0, total=0),
        )
    )


@settings(deadline=None)
@given(orders())
def test_the_total_is_goods_less_discounts_with_shipping_and_tax(order: PlaceOrder) -> None:
    verify(order)
    totals = order.totals
    on_top = 0 if order.prices_include_tax else totals.tax
    assert totals.total == totals.goods - totals.discounts + totals.shipping + on_top
    assert min(totals.goods, totals.discounts, totals.shipping, totals.tax, totals.total) >= 0


@settings(deadline=None)
@given(orders(), st.sampled_from(Totals.__struct_fields__), st.sampled_from([-1, 1]))
def test_totals_that_are_off_by_one_are_refused(order: PlaceOrder, field: str, off: int) -> None:
    wrong = replace(order, totals=replace(order.totals, **{field: getattr(order.totals, field) + off}))
    with pytest.raises(Refused, match=f"^totals-differ: /totals/{field} is "):
        decide(None, wrong)


class OrderMachine(RuleBasedStateMachine):
    """Asks for anything, and checks after each answer what must hold."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[OrderEvent] = []
        self.order: Order | None = None

    @initialize(command=orders())
    def place(self, command: PlaceOrder) -> None:
        self.ask(command)

    @rule(command=orders())
    def place_again(self, command: PlaceOrder) -> None:
        assert self.ask(command) == Code.ORDER_EXISTS

    @rule(
        units=st.dictionaries(st.sampled_from([*NAMES, "x"]), st.integers(1, 4), min_size=1),
        twice=st.booleans(),
    )
    def cancel_units(self, units: dict[str, int], *, twice: bool) -> None:
        wanted = [UnitsToCancel(line_id=line_id, quantity=quantity) for line_id, quantity in units.items()]
        self.ask(CancelLines(lines=tuple(wanted + wanted[:1] if twice else wanted)))

    @rule()
    def cancel(self) -> None:
        if self.ask(CancelOrder()) is None:
            assert self.ask(CancelOrder()) == Code.ORDER_ALREADY_CANCELLED

    def ask(self, command: OrderCommand) -> str | None:
        """Return the code of the refusal, if it is one."""
        before = self.order
        try:
            events = decide(before, command)
        except Refused as refusal:
            return refusal.code
        assert decide(before, command) == events
        for event in events:
            self.order = evolve(self.order, event, ORDER_ID)
        self.events += events
        return None

    @invariant()
    def no_more_is_cancelled_than_was_ordered(self) -> None:
        if self.order is not None and self.order.cancelled:
            for line, cancelled in zip(self.order.facts.lines, self.order.cancelled, strict=True):
                assert 0 <= cancelled <= line.quantity

    @invariant()
    def what_was_cancelled_was_worth_its_part_of_the_line(self) -> None:
        if self.order is None:
            return
        worth = dict.fromkeys(NAMES, 0)
        units = dict.fromkeys(NAMES, 0)
        shipping = 0
        for event in self.events:
            if isinstance(event, OrderLinesCancelled | OrderCancelled):
                shipping += event.shipping
                for taken in event.lines:
                    assert taken.amount >= 0
                    worth[taken.line_id] += taken.amount
                    units[taken.line_id] += taken.quantity
                assert event.amount == event.shipping + sum(taken.amount for taken in event.lines)
        for line in self.order.facts.lines:
            assert worth[line.line_id] <= line.line_total
            if units[line.line_id] == line.quantity:
                assert worth[line.line_id] == line.line_total
        assert self.order.cancelled_amount == shipping + sum(worth.values())

    @invariant()
    def nothing_is_owed_for_a_cancelled_order(self) -> None:
        if self.order is not None:
            remaining = self.order.facts.totals.total - self.order.cancelled_amount
            assert remaining >= 0
            if order_status(self.order) is OrderStatus.CANCELLED:
                assert remaining == 0

    @invariant()
    def versions_are_dense(self) -> None:
        assert (0 if self.order is None else self.order.version) == len(self.events)

    @invariant()
    def folding_in_parts_is_folding_the_whole(self) -> None:
        for cut in range(len(self.events) + 1):
            part = fold(ORDER_ID, self.events[:cut])
            assert fold(ORDER_ID, self.events[cut:], part) == self.order


OrderMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=10, deadline=None)
TestOrders = OrderMachine.TestCase
