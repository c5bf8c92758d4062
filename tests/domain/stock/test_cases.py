"""What shops reported of their stock, and what is right instead."""

from random import Random
from typing import TYPE_CHECKING

import pytest
from msgspec.json import Encoder

from app.domain.refused import Refused
from app.domain.stock import names
from app.domain.stock.commands import StockCommand
from app.domain.stock.decider import decide
from app.domain.stock.evolver import evolve
from app.domain.stock.state import Entry, Reservation, Stock, stock
from app.domain.stock.statuses import reservation_status
from tests.domain.stock.scenario import (
    ITEM_ID,
    backordered,
    entries,
    given,
    receive,
    received,
    release,
    released,
    reserve,
    reserved,
    ship,
    shipped,
)

if TYPE_CHECKING:
    from app.domain.stock.events import StockEvent


class Shelf:
    """An item with its rows, as an agent keeps them; it counts what a decision reads."""

    def __init__(self) -> None:
        self.rows: dict[str, Entry] = {}
        self.stock: Stock = stock(None, self)
        self.reads = 0

    def get(self, name: str, /) -> Entry | None:
        self.reads += 1
        return self.rows.get(name)

    def ask(self, command: StockCommand) -> str:
        """Return what became of it: a code, or how many facts."""
        try:
            facts = decide(self.stock, command)
        except Refused as refusal:
            return refusal.code
        for fact in facts:
            self.stock = evolve(self.stock, fact, ITEM_ID)
        for name, entry in self.stock.changed.items():
            if entry is None:
                self.rows.pop(name, None)
            else:
                self.rows[name] = entry
        self.stock = stock(self.stock.item, self)
        return str(len(facts))


def test_c41_of_200_orders_for_the_last_unit_exactly_one_gets_it() -> None:
    shelf = Shelf()
    shelf.ask(receive(1))
    answers = [shelf.ask(reserve(f"o-{i}")) for i in range(200)]
    assert answers == ["1"] + ["out-of-stock"] * 199


def test_c41_a_sku_that_is_twice_in_an_order_is_not_oversold() -> None:
    shelf = Shelf()
    shelf.ask(receive(3))
    assert shelf.ask(reserve("o-1", 2, line_id="1")) == "1"
    assert shelf.ask(reserve("o-1", 2, line_id="2")) == "out-of-stock"


def test_c41_an_order_that_waits_is_served_before_one_that_comes_later() -> None:
    shelf = Shelf()
    shelf.ask(reserve("o-1", 2, backorder=True))
    shelf.ask(receive(1))
    assert shelf.ask(reserve("o-2", 1)) == "out-of-stock"
    shelf.ask(receive(1, "r-2"))
    reservation = shelf.rows[names.reservation("o-1", "1")]
    assert isinstance(reservation, Reservation)
    assert (reservation.reserved, reservation.backordered) == (2, 0)


def test_c43_after_10000_lives_of_orders_in_any_order_nothing_is_reserved() -> None:
    random = Random(43)  # noqa: S311 - a story to repeat
    shelf = Shelf()
    shelf.ask(receive(20_000))
    lives: list[list[StockCommand]] = []
    for i in range(10_000):
        order, quantity = f"o-{i}", random.randint(1, 4)
        life: list[StockCommand] = [reserve(order, quantity, placed=i, backorder=random.random() < 0.5)]
        if random.random() < 0.7:
            life += [ship(order, random.randint(1, quantity), f"s-{n}") for n in range(random.randint(0, 2))]
        life += [release(order, keep=random.randint(0, quantity)) for _ in range(random.randint(0, 2))]
        if random.random() < 0.3:
            random.shuffle(life)  # what is late, and a release before its reservation
        lives.append(life + random.choices(life, k=random.randint(0, 2)))
    while lives:
        i = random.randrange(min(50, len(lives)))  # so many at a time
        if lives[i]:
            shelf.ask(lives[i].pop(0))
        else:
            lives.pop(i)
        if random.random() < 0.001:
            shelf.ask(receive(5, f"r-{random.random()}"))
    assert shelf.stock.item is not None
    assert shelf.stock.item.open > 1000, "else nothing is left to end"
    for i in range(10_000):
        shelf.ask(release(f"o-{i}"))
    item = shelf.stock.item
    assert (item.reserved, item.backordered, item.open, item.first) == (0, 0, 0, None)
    assert not [entry for entry in shelf.rows.values() if isinstance(entry, Reservation)]
    assert item.available == item.on_hand


def test_c43_a_reservation_of_a_cancelled_order_that_comes_late_holds_nothing() -> None:
    shelf = Shelf()
    shelf.ask(receive(5))
    assert shelf.ask(release("o-1")) == "1"
    assert shelf.ask(reserve("o-1", 3)) == "reservation-released"
    assert shelf.ask(reserve("o-1", 3)) == "reservation-released"


@pytest.mark.parametrize("waits", [False, True])
def test_a_reservation_costs_the_same_however_many_are_open(*, waits: bool) -> None:
    shelf = Shelf()
    encode = Encoder().encode
    if not waits:
        shelf.ask(receive(10**6))
    shelf.ask(reserve("o-0", placed=0, backorder=waits))
    shelf.reads = 0
    shelf.ask(reserve("o-1", placed=1, backorder=waits))
    few = shelf.reads, len(encode(shelf.stock.item))
    for i in range(2, 5000):
        shelf.ask(reserve(f"o-{i}", placed=i, backorder=waits))
    shelf.reads = 0
    shelf.ask(reserve("late", placed=2500, backorder=waits))
    many = shelf.reads, len(encode(shelf.stock.item))
    if waits:
        assert many[0] < 100, "the way down in the queue, and no more"
    else:
        assert many[0] == few[0] == 3
    assert many[1] <= few[1] + 20, "some more digits"


def test_a_reservation_has_a_status_from_its_numbers() -> None:
    stories: dict[str, tuple[StockEvent, ...]] = {
        "held": (received(5), reserved("o-1", 2)),
        "partly-held": (received(1), backordered("o-1", 2, held=1)),
        "waiting": (backordered("o-1", 2),),
        "shipped": (received(5), reserved("o-1", 2), shipped("o-1", 1), released("o-1", 1)),
        "released": (received(5), reserved("o-1", 2), released("o-1", 2)),
        "withdrawn": (released("o-1"),),
    }
    for status, story in stories.items():
        whole = entries(given(*story).stock)
        entry = whole.get(names.reservation("o-1", "1")) or whole[names.memory_of("o-1", "1")]
        assert reservation_status(entry) == status  # type: ignore[arg-type] # these names are theirs


def test_the_keys_of_open_reservations_lie_together() -> None:
    prefix = names.open_prefix(ITEM_ID)
    assert prefix == b"sku-1@vienna\0open\0"
    assert names.key(ITEM_ID, names.reservation("o-1", "2")) == prefix + b"o-1\x002"
    for other in (names.memory_of("o-1", "2"), names.receipt("r"), names.remembered(1)):
        assert not names.key(ITEM_ID, other).startswith(prefix)
