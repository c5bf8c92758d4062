"""Units are held for a line of an order, shipped to it, or given back."""

from msgspec.structs import replace

from app.domain.stock.evolver import fold
from app.domain.stock.state import SHIPMENTS_LIMIT
from tests.domain.stock.scenario import (
    EMPTY,
    ITEM_ID,
    allotted,
    backordered,
    entries,
    given,
    received,
    release,
    released,
    reserve,
    reserved,
    ship,
    shipped,
)

TEN = received(10)


def test_units_are_held_for_a_line() -> None:
    after = given(TEN).when(reserve("o-1", 4)).then(reserved("o-1", 4))
    assert (after.item.on_hand, after.item.reserved, after.item.available) == (10, 4, 6)
    assert after.item.open == 1


def test_a_stock_has_the_version_of_its_item_and_none_before_its_first_event() -> None:
    assert EMPTY.version == 0
    assert fold(ITEM_ID, [TEN, reserved("o-1", 4)], EMPTY).version == 2


def test_what_is_not_there_is_not_promised() -> None:
    given(received(3)).when(reserve("o-1", 4)).then_refused("out-of-stock", "4 wanted, 3 free")
    given().when(reserve("o-1")).then_refused("out-of-stock", "1 wanted, 0 free")
    given(received(3), backordered("o-1", 5, held=3)).when(reserve("o-2")).then_refused(
        "out-of-stock", "1 wanted, 0 free"
    )


def test_the_same_sku_twice_in_an_order_is_two_reservations() -> None:
    first = given(received(1)).when(reserve("o-1", line_id="1")).then(reserved("o-1", line_id="1"))
    first.when(reserve("o-1", line_id="2")).then_refused("out-of-stock")


def test_a_reservation_has_one_quantity() -> None:
    given(TEN, reserved("o-1", 4)).when(reserve("o-1", 5)).then_refused(
        "reservation-id-reused", "the reservation of line 1 of order o-1 was for 4 units, not 5"
    )


def test_held_units_leave_with_shipments() -> None:
    some = given(TEN, reserved("o-1", 4)).when(ship("o-1", 3)).then(shipped("o-1", 3))
    assert (some.item.on_hand, some.item.reserved, some.item.open) == (7, 1, 1)
    all_ = some.when(ship("o-1", 1, "s-2")).then(shipped("o-1", 1, "s-2"))
    assert (all_.item.on_hand, all_.item.reserved, all_.item.open) == (6, 0, 0)


def test_a_repeated_shipment_ships_nothing_even_when_the_reservation_is_over() -> None:
    after = given(TEN, reserved("o-1", 4), shipped("o-1", 1), shipped("o-1", 3, "s-2"))
    after.when(ship("o-1", 1)).then()
    after.when(ship("o-1", 3, "s-2")).then()
    after.when(ship("o-1", 2)).then_refused("shipment-id-reused", "1 units left with shipment s-1, not 2")


def test_a_repeated_reservation_reserves_nothing_even_when_it_is_over() -> None:
    given(TEN, reserved("o-1", 4), shipped("o-1", 4)).when(reserve("o-1", 4)).then()
    over = given(TEN, reserved("o-1", 4), released("o-1", 4))
    over.when(reserve("o-1", 4)).then()
    over.when(reserve("o-1", 5)).then_refused("reservation-id-reused")


def test_nothing_is_shipped_that_was_never_reserved() -> None:
    given(TEN).when(ship("o-1")).then_refused("reservation-unknown")
    given(TEN, released("o-1")).when(ship("o-1", reason="it went")).then_refused("reservation-unknown")


def test_more_than_is_held_leaves_only_for_a_reason() -> None:
    four_of_ten = given(TEN, reserved("o-1", 4))
    four_of_ten.when(ship("o-1", 5)).then_refused(
        "quantity-exceeds-reserved", "5 to ship, 4 held; more needs a reason"
    )
    forced = shipped("o-1", 5, forced=1, reason="picked by mistake")
    after = four_of_ten.when(ship("o-1", 5, reason="picked by mistake")).then(forced)
    assert (after.item.on_hand, after.item.reserved) == (5, 0)


def test_units_that_are_held_for_others_do_not_leave_for_any_reason() -> None:
    given(TEN, reserved("o-1", 4), reserved("o-2", 6)).when(ship("o-1", 5, reason="urgent")).then_refused(
        "stock-is-reserved"
    )


def test_what_was_waited_for_may_leave_by_force() -> None:
    waiting = given(received(2), reserved("o-9", 2), backordered("o-1", 3), released("o-9", 2))
    after = waiting.when(ship("o-1", 2, reason="urgent")).then(shipped("o-1", 2, forced=2, reason="urgent"))
    assert (after.item.on_hand, after.item.backordered, after.item.open) == (0, 1, 1)


def test_a_released_line_may_still_leave_by_force() -> None:
    over = given(TEN, reserved("o-1", 4), released("o-1", 4))
    over.when(ship("o-1", 4)).then_refused("quantity-exceeds-reserved", "4 to ship, 0 held")
    after = over.when(ship("o-1", 4, reason="was in the van")).then(
        shipped("o-1", 4, forced=4, reason="was in the van")
    )
    assert (after.item.on_hand, after.item.reserved) == (6, 0)


def test_a_reservation_leaves_in_a_bounded_number_of_shipments() -> None:
    stock = given(
        received(SHIPMENTS_LIMIT + 1),
        reserved("o-1", SHIPMENTS_LIMIT + 1),
        *[shipped("o-1", 1, f"s-{i}") for i in range(SHIPMENTS_LIMIT)],
    )
    stock.when(ship("o-1", 1, "one-more")).then_refused("shipments-too-many")


def test_released_units_are_free_again() -> None:
    after = given(TEN, reserved("o-1", 4)).when(release("o-1")).then(released("o-1", 4))
    assert (after.item.reserved, after.item.free, after.item.open) == (0, 10, 0)


def test_a_line_gives_back_what_it_does_not_keep_and_first_what_it_waits_for() -> None:
    seven = given(received(4), backordered("o-1", 7, held=4))
    seven.when(release("o-1", keep=5)).then(released("o-1", 0, 2, keep=5))
    seven.when(release("o-1", keep=2)).then(released("o-1", 2, 3, keep=2))
    seven.when(release("o-1", keep=7)).then()


def test_an_older_release_that_comes_late_takes_nothing_more() -> None:
    given(TEN, reserved("o-1", 4), released("o-1", 3, keep=1)).when(release("o-1", keep=3)).then()


def test_shipped_units_cannot_be_released() -> None:
    three_left = given(TEN, reserved("o-1", 4), shipped("o-1", 3))
    three_left.when(release("o-1", keep=1)).then(released("o-1", 1, keep=1))
    three_left.when(release("o-1", keep=3)).then(released("o-1", 1, keep=3))
    given(TEN, reserved("o-1", 4), shipped("o-1", 4)).when(release("o-1")).then()


def test_a_reservation_that_comes_after_its_release_does_not_leak() -> None:
    before = given(TEN).when(release("o-1")).then(released("o-1"))
    before.when(reserve("o-1", 4)).then_refused("reservation-released", "line 1 of order o-1 was released")
    assert (before.item.reserved, before.item.open) == (0, 0)


def test_a_reservation_that_comes_after_a_partial_release_gets_what_is_kept() -> None:
    before = given(TEN).when(release("o-1", keep=3)).then(released("o-1", keep=3))
    after = before.when(reserve("o-1", 4)).then(reserved("o-1", 4, released=1))
    assert (after.item.reserved, after.item.open) == (3, 1)
    after.when(ship("o-1", 3)).then(shipped("o-1", 3)).when(reserve("o-1", 4)).then()
    waits = (
        given(released("o-1", keep=3))
        .when(reserve("o-1", 4, backorder=True))
        .then(replace(backordered("o-1", 4), released=1))
    )
    assert (waits.item.backordered, waits.item.open) == (3, 1)


def test_of_several_releases_before_a_reservation_the_lowest_counts() -> None:
    two = given(TEN, released("o-1", keep=3)).when(release("o-1", keep=1)).then(released("o-1", keep=1))
    two.when(release("o-1", keep=2)).then()
    two.when(reserve("o-1", 4)).then(reserved("o-1", 4, released=3))
    assert len([name for name in entries(two.stock) if name.startswith("remembered")]) == 2


def test_a_reservation_that_is_smaller_than_what_is_kept_loses_nothing() -> None:
    given(TEN, released("o-1", keep=5)).when(reserve("o-1", 4)).then(reserved("o-1", 4))


def test_given_back_units_go_to_the_first_in_line() -> None:
    stock = given(received(5), reserved("o-1", 5), backordered("o-2", 4, placed=1), backordered("o-3", 4))
    after = stock.when(release("o-1")).then(
        released("o-1", 5), allotted("o-3", 4), allotted("o-2", 1, waiting=3)
    )
    assert (after.item.reserved, after.item.backordered, after.item.free) == (5, 3, -3)
