"""What is over is remembered long enough, and no longer."""

from datetime import timedelta

from app.domain.stock import names
from app.domain.stock.evolver import fold
from app.domain.stock.memory import KEPT
from app.domain.stock.state import Movement
from tests.domain.stock.scenario import (
    ITEM_ID,
    NOON,
    entries,
    given,
    receive,
    received,
    release,
    released,
    reserve,
    reserved,
)

LATER = NOON + KEPT + timedelta(seconds=1)


def test_what_is_over_for_long_is_forgotten() -> None:
    before = given(received(5, "r-1"), released("o-1"))
    before.when(receive(5, "r-1")).then()
    before.when(reserve("o-1")).then_refused("reservation-released")
    after = given(received(5, "r-1"), released("o-1"), received(5, "r-2", at=LATER))
    assert set(entries(after.stock)) == {names.receipt("r-2"), names.remembered(2)}
    assert (after.item.oldest, after.item.newest) == (2, 3)
    after.when(reserve("o-1")).then(reserved("o-1"))


def test_what_is_not_over_for_so_long_is_kept() -> None:
    stock = given(received(5, "r-1"), received(5, "r-2", at=NOON + KEPT))
    stock.when(receive(5, "r-1")).then()


def test_what_happened_to_open_reservations_is_never_forgotten() -> None:
    stock = given(received(5), reserved("o-1", 2), *[received(1, f"r-{i}", at=LATER) for i in range(5)])
    stock.when(reserve("o-1", 2)).then()
    stock.when(release("o-1", at=LATER)).then(released("o-1", 2, at=LATER))


def test_a_released_reservation_that_came_after_all_is_not_forgotten_by_its_old_number() -> None:
    stock = given(
        received(5),
        released("o-1", keep=3),
        reserved("o-1", 4, released=1),
        released("o-1", 3, at=LATER),
        received(1, "r-2", at=LATER),
    )
    stock.when(reserve("o-1", 4)).then()
    assert names.memory_of("o-1", "1") in entries(stock.stock)


def test_a_busy_item_keeps_as_much_as_happens_in_that_time() -> None:
    """A year of ten reservations a day, each shipped or given up the same day."""
    facts = [received(4000)]
    for day in range(365):
        at = NOON + timedelta(days=day)
        for i in range(10):
            order = f"o-{day}-{i}"
            facts += [reserved(order), released(order, 1, at=at)]  # type: ignore[list-item]
    stock = fold(ITEM_ID, facts, given().stock)
    kept = [entry for entry in entries(stock).values() if not isinstance(entry, Movement)]
    assert stock.item is not None
    assert stock.item.newest == 3651
    assert len(kept) == 2 * 310  # 31 days: what was remembered, and its number
