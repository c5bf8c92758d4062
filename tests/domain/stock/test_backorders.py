"""Who waits is served in order of placement, and nobody overtakes."""

from itertools import permutations

from app.domain.stock.allotting import ALLOT_LIMIT
from app.domain.stock.commands import AllotBackorders
from app.domain.stock.decider import decide
from app.domain.stock.evolver import fold
from tests.domain.stock.scenario import (
    EMPTY,
    ITEM_ID,
    Given,
    allotted,
    backordered,
    given,
    receive,
    received,
    release,
    released,
    reserve,
    reserved,
)


def test_a_line_holds_what_is_there_and_waits_for_the_rest() -> None:
    after = given(received(3)).when(reserve("o-1", 5, backorder=True)).then(backordered("o-1", 5, held=3))
    assert (after.item.reserved, after.item.backordered, after.item.available, after.item.free) == (
        3,
        2,
        0,
        -2,
    )


def test_a_line_that_need_not_wait_does_not() -> None:
    given(received(5)).when(reserve("o-1", 5, backorder=True)).then(reserved("o-1", 5))


def test_backorders_are_allotted_in_order_of_placement_whatever_the_order_of_arrival() -> None:
    placed = {"o-1": 1, "o-2": 2, "o-3": 3, "o-4": 4}
    for arrival in permutations(placed):
        waiting = given(*[backordered(order, placed=placed[order]) for order in arrival])
        waiting.when(receive(4)).then(received(4), *[allotted(order) for order in placed])


def test_of_those_placed_at_the_same_moment_the_first_to_arrive_is_first() -> None:
    waiting = given(backordered("o-2"), backordered("o-1"), backordered("o-3"))
    waiting.when(receive(2)).then(received(2), allotted("o-2"), allotted("o-1"))


def test_the_first_in_line_gets_part_of_its_units_and_stays_first() -> None:
    some = given(backordered("o-1", 3), backordered("o-2")).when(receive(1))
    after = some.then(received(1), allotted("o-1", 1, waiting=2))
    after.when(receive(3, "r-2")).then(received(3, "r-2"), allotted("o-1", 2), allotted("o-2"))


def test_who_gives_up_leaves_the_line_and_the_others_move_up() -> None:
    waiting = given(*[backordered(f"o-{i}", placed=i) for i in range(5)])
    after = waiting.when(release("o-2")).then(released("o-2", 0, 1))
    after.when(receive(5)).then(
        received(5), allotted("o-0"), allotted("o-1"), allotted("o-3"), allotted("o-4")
    )


def test_a_command_serves_so_many_and_the_next_goes_on() -> None:
    many = 2 * ALLOT_LIMIT + 5
    waiting = given(*[backordered(f"o-{i}", placed=i) for i in range(many)])
    first = waiting.when(receive(many))
    served = Given(fold(ITEM_ID, decide(first.stock, first.command), first.stock))
    assert (served.item.reserved, served.item.due) == (ALLOT_LIMIT, ALLOT_LIMIT + 5)
    counts = []
    while served.item.due:
        facts = decide(served.stock, AllotBackorders())
        counts.append(len(facts))
        served = Given(fold(ITEM_ID, facts, served.stock))
    assert counts == [ALLOT_LIMIT, 5]
    assert (served.item.reserved, served.item.backordered, served.item.first) == (many, 0, None)
    served.when(AllotBackorders()).then()


def test_nobody_overtakes_those_who_wait_for_their_turn_to_be_served() -> None:
    many = ALLOT_LIMIT + 5
    waiting = given(*[backordered(f"o-{i}", placed=i) for i in range(many)])
    first = waiting.when(receive(many + 2))
    between = Given(fold(ITEM_ID, decide(first.stock, first.command), first.stock))
    assert (between.item.available, between.item.free) == (7, 2)
    between.when(reserve("late", 3)).then_refused("out-of-stock", "3 wanted, 2 free")
    between.when(reserve("late", 2)).then(reserved("late", 2))


def test_there_is_nothing_to_allot_where_nobody_waits() -> None:
    assert decide(EMPTY, AllotBackorders()) == ()
    given(received(3)).when(AllotBackorders()).then()
