"""Whatever is asked of a return, and when: the invariants hold, and folding in parts changes nothing."""

from typing import TYPE_CHECKING, get_args

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from app.domain.money import of_units
from app.domain.refused import Refused
from app.domain.returns import commands, decider, events, evolver
from app.domain.returns.commands import CloseReturn, LineToReturn, RejectReturn, ReturnCommand
from app.domain.returns.decider import decide
from app.domain.returns.events import ReturnEvent, ReturnReceived
from app.domain.returns.evolver import evolve, fold
from tests.domain.returns.scenario import NOON, RETURN_ID, approve, inspect, line, receive, request

if TYPE_CHECKING:
    from app.domain.returns.state import Return

NAMES = st.sampled_from(["A", "B", "C"])
FEW = st.integers(0, 3)
UNITS = st.lists(st.tuples(NAMES, FEW, FEW), min_size=1, max_size=3, unique_by=lambda unit: unit[0])
RECEIPTS = st.sampled_from(["b-1", "b-2", "b-3", "b-4"])


@st.composite
def lines(draw: st.DrawFn) -> list[LineToReturn]:
    made = []
    for name in ("A", "B"):
        quantity, before, after = draw(st.integers(1, 5)), draw(FEW), draw(FEW)
        total = draw(st.integers(0, 2000))
        made.append(line(name, quantity, total, ordered=before + quantity + after, before=before))
    return made


def test_every_command_has_its_rule_and_every_event_its_fold() -> None:
    assert set(decider.DECIDE) == set(get_args(commands.ReturnCommand))
    assert set(evolver.EVOLVE) == set(get_args(events.ReturnEvent))


class ReturnMachine(RuleBasedStateMachine):
    """Asks for anything, and checks after each answer what must hold."""

    def __init__(self) -> None:
        super().__init__()
        self.happened: list[ReturnEvent] = []
        self.returned: Return | None = None

    @initialize(lines=lines(), shipping=st.integers(0, 900))
    def request(self, lines: list[LineToReturn], shipping: int) -> None:
        self.ask(request(*lines, shipping_left=shipping))

    @rule(lines=lines())
    def request_again(self, lines: list[LineToReturn]) -> None:
        self.ask(request(*lines))

    @rule(fee=st.integers(0, 900), shipping=st.integers(0, 900))
    def approve(self, fee: int, shipping: int) -> None:
        self.ask(approve(fee, shipping))

    @rule(units=UNITS, receipt_id=RECEIPTS)
    def receive(self, units: list[tuple[str, int, int]], receipt_id: str) -> None:
        self.ask(receive(*units, receipt_id=receipt_id))

    @rule(units=UNITS, receipt_id=RECEIPTS)
    def inspect(self, units: list[tuple[str, int, int]], receipt_id: str) -> None:
        self.ask(inspect(*units, receipt_id=receipt_id))

    @rule(data=st.data())
    def inspect_rightly(self, data: st.DataObject) -> None:
        if self.returned and self.returned.receipts:
            came = data.draw(st.sampled_from(self.returned.receipts)).received
            self.ask(
                inspect(
                    *[(each.line_id, each.sellable, each.damaged) for each in came.lines],
                    receipt_id=came.receipt_id,
                )
            )

    @rule(command=st.sampled_from([CloseReturn(at=NOON), RejectReturn(at=NOON), RejectReturn(at=NOON)]))
    def end(self, command: ReturnCommand) -> None:
        if len(self.happened) > 3 or self.returned is None:
            self.ask(command)

    def ask(self, command: ReturnCommand) -> None:
        before = self.returned
        try:
            facts = decide(before, command)
        except Refused:
            return
        for fact in facts:
            self.returned = evolve(self.returned, fact, RETURN_ID)
        self.happened += facts
        assert decide(self.returned, command) == ()

    @invariant()
    def no_more_comes_than_was_announced(self) -> None:
        if self.returned:
            came = self.returned.received()
            assert all(0 <= came[each.line_id] <= each.quantity for each in self.returned.facts.lines)

    @invariant()
    def what_is_paid_back_is_what_the_units_are_worth(self) -> None:
        if self.returned is None:
            return
        came, terms = self.returned.received(), self.returned.approved
        goods = sum(
            of_units(each.line_total, each.ordered, each.before, came[each.line_id])
            for each in self.returned.facts.lines
        )
        receipts = [fact for fact in self.happened if isinstance(fact, ReturnReceived)]
        shipping = terms.shipping if terms and receipts else 0
        fee = min(terms.fee, goods + shipping) if terms and receipts else 0
        assert sum(each.refund for each in receipts) == goods + shipping - fee
        assert all(each.refund >= 0 for each in receipts)

    @invariant()
    def every_unit_that_was_placed_came(self) -> None:
        for receipt in self.returned.receipts if self.returned else ():
            came = {each.line_id: each.sellable + each.damaged for each in receipt.received.lines}
            placed = {each.line_id: each.restocked + each.written_off for each in receipt.placed}
            assert placed in ({}, came)

    def teardown(self) -> None:
        for cut in range(len(self.happened) + 1):
            part = fold(RETURN_ID, self.happened[:cut])
            assert fold(RETURN_ID, self.happened[cut:], part) == self.returned
        assert (self.returned.version if self.returned else 0) == len(self.happened)


TestReturnMachine = ReturnMachine.TestCase
TestReturnMachine.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
