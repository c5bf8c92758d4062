"""Whatever is asked of an item, by whom and in which order: the invariants hold.

The machine checks after each answer; beside the item it keeps books of its own, as simple as can be.
"""

from datetime import timedelta
from typing import get_args

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.domain.refused import Refused
from app.domain.stock import commands, decider, events, evolver
from app.domain.stock.commands import (
    AdjustStock,
    AllotBackorders,
    CommitStock,
    ReceiveStock,
    ReleaseStock,
    ReserveStock,
    RestockStock,
    StockCommand,
    WriteOffStock,
)
from app.domain.stock.decider import decide
from app.domain.stock.events import (
    BackorderAllotted,
    StockAdjusted,
    StockEvent,
    StockReceived,
    StockRestocked,
    StockShipped,
    StockWrittenOff,
)
from app.domain.stock.evolver import evolve, fold
from app.domain.stock.state import Entry, Reservation, Stock, stock
from tests.domain.stock.scenario import EMPTY, ITEM_ID, NOON, entries

SOME = st.integers(1, 6)
IDS = st.sampled_from(["a", "b", "c", "d"])
ORDERS = st.sampled_from([f"o-{i}" for i in range(8)])
LINES = st.sampled_from(["1", "2"])
MOMENTS = st.integers(0, 60 * 24 * 40).map(lambda minutes: NOON + timedelta(minutes=minutes))
REASONS = st.sampled_from(["", "", "because"])

ASKED: st.SearchStrategy[StockCommand] = st.one_of(
    st.builds(ReceiveStock, receipt_id=IDS, quantity=SOME, at=MOMENTS),
    st.builds(AdjustStock, adjustment_id=IDS, change=st.integers(-4, 4), at=MOMENTS),
    st.builds(
        ReserveStock,
        order_id=ORDERS,
        line_id=LINES,
        quantity=SOME,
        placed_at=MOMENTS,
        backorder=st.booleans(),
    ),
    st.builds(
        ReserveStock,
        order_id=ORDERS,
        line_id=LINES,
        quantity=SOME,
        placed_at=MOMENTS,
        backorder=st.sampled_from([True]),
    ),
    st.builds(ReleaseStock, order_id=ORDERS, line_id=LINES, keep=st.integers(0, 4), at=MOMENTS),
    st.builds(
        CommitStock,
        order_id=ORDERS,
        line_id=LINES,
        shipment_id=IDS,
        quantity=SOME,
        reason=REASONS,
        at=MOMENTS,
    ),
    st.builds(RestockStock, return_id=IDS, receipt_id=IDS, line_id=LINES, quantity=SOME, at=MOMENTS),
    st.builds(WriteOffStock, write_off_id=IDS, quantity=SOME, at=MOMENTS),
    st.just(AllotBackorders()),
)


def test_every_command_has_its_rule_and_every_event_its_fold() -> None:
    assert set(decider.DECIDE) == set(get_args(commands.StockCommand))
    assert set(evolver.EVOLVE) == set(get_args(events.StockEvent))


def moved(event: StockEvent) -> int:
    """Return what an event does to the units that are there."""
    match event:
        case StockReceived() | StockRestocked():
            return event.quantity
        case StockAdjusted():
            return event.change
        case StockShipped() | StockWrittenOff():
            return -event.quantity
        case _:
            return 0


class StockMachine(RuleBasedStateMachine):
    """Asks for anything."""

    def __init__(self) -> None:
        super().__init__()
        self.stored: dict[str, Entry] = {}
        self.stock: Stock = stock(None, self.stored)
        self.happened: list[StockEvent] = []
        self.on_hand = 0

    @rule(command=ASKED)
    def ask(self, command: StockCommand) -> None:
        before, waiting = self.stock, self.waiting()
        try:
            facts = decide(before, command)
        except Refused:
            assert self.stock is before
            return
        assert decide(before, command) == facts
        for fact in facts:
            self.stock = evolve(self.stock, fact, ITEM_ID)
            self.on_hand += moved(fact)
        self.happened += facts
        assert decide(self.stock, command) == ()
        served = [(fact.order_id, fact.line_id) for fact in facts if isinstance(fact, BackorderAllotted)]
        in_turn = [each for each in waiting if each in served]
        assert served == in_turn, "in order of placement"
        self.write()

    def write(self) -> None:
        """As an agent does: the changed entries become the stored ones."""
        for name, entry in self.stock.changed.items():
            if entry is None:
                self.stored.pop(name, None)
            else:
                self.stored[name] = entry
        self.stock = stock(self.stock.item, self.stored)

    def open(self) -> list[Reservation]:
        return [entry for entry in self.stored.values() if isinstance(entry, Reservation)]

    def waiting(self) -> list[tuple[str, str]]:
        those = [each for each in self.open() if each.backordered]
        those.sort(key=lambda each: (each.placed_at, each.arrived))
        return [(each.order_id, each.line_id) for each in those]

    @invariant()
    def nothing_is_promised_that_is_not_there(self) -> None:
        if self.stock.item:
            assert self.stock.item.available >= 0

    @invariant()
    def the_totals_are_sums_over_open_reservations(self) -> None:
        item, those = self.stock.item, self.open()
        if item:
            assert item.reserved == sum(each.reserved for each in those)
            assert item.backordered == sum(each.backordered for each in those)
            assert item.open == len(those)
            assert all(each.reserved or each.backordered for each in those)

    @invariant()
    def every_reserved_unit_went_somewhere(self) -> None:
        for each in self.open():
            forced = each.shipped + each.reserved + each.backordered + each.released - each.quantity
            assert forced >= 0
            assert min(each.reserved, each.backordered, each.shipped, each.released) >= 0

    @invariant()
    def units_are_conserved(self) -> None:
        assert (self.stock.item.on_hand if self.stock.item else 0) == self.on_hand

    @invariant()
    def whoever_waits_is_in_line_and_nobody_waits_for_what_is_there(self) -> None:
        item = self.stock.item
        if item:
            assert (item.first is None) == (item.backordered == 0)
            assert item.due == 0

    @invariant()
    def the_version_counts_facts(self) -> None:
        assert (self.stock.item.version if self.stock.item else 0) == len(self.happened)

    def teardown(self) -> None:
        whole = fold(ITEM_ID, self.happened, EMPTY)
        assert (whole.item, entries(whole)) == (self.stock.item, self.stored)
        cut = len(self.happened) // 2
        part = fold(ITEM_ID, self.happened[:cut], EMPTY)
        assert fold(ITEM_ID, self.happened[cut:], part) == whole


TestStockMachine = StockMachine.TestCase
TestStockMachine.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
