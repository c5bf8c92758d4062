"""What the stock holds for an order, what leaves, and what arrives."""

from msgspec.structs import replace

from app.domain.order import commands, events
from app.domain.order.commands import Units
from app.domain.order.state import ENTRIES_LIMIT, LineUnits, Sent
from app.domain.order.statuses import fulfilment_status
from tests.domain.scenario import NOON, When, after, given, line, placed

PLACED = placed(line("1", 3, 1900), line("2", 2, 500))
CONFIRM = commands.ConfirmOrder(at=NOON)
RESERVED = commands.RecordReservation(line_id="1", reserved=2, backordered=1, revision=7)
OTHER = commands.RecordReservation(line_id="2", reserved=2, revision=1)
ONE = (Units(line_id="1", quantity=1),)
TWO = (Units(line_id="1", quantity=2),)
SHIP = commands.ShipOrder(shipment_id="s", lines=TWO, carrier="mail", tracking="42", at=NOON)
SHIPPED = events.OrderShipped(shipment_id="s", lines=TWO, carrier="mail", tracking="42", at=NOON)
RELEASE = commands.ReleaseReservation(line_id="1", revision=8, reason="cancelled")


def cancel(quantity: int) -> commands.CancelLines:
    return commands.CancelLines(lines=(commands.UnitsToCancel(line_id="1", quantity=quantity),))


def test_the_order_knows_what_the_stock_holds() -> None:
    one = (
        given(PLACED)
        .when(RESERVED)
        .then(events.ReservationRecorded(line_id="1", reserved=2, backordered=1, revision=7))
    )
    assert one is not None
    assert one.units == (LineUnits(reserved=2, backordered=1, revision=7), LineUnits())
    assert fulfilment_status(one) == "backordered"
    When(one, RESERVED).then()
    When(one, replace(RESERVED, reserved=0, revision=6)).then()
    newer = replace(RESERVED, reserved=3, backordered=0, revision=9)
    When(one, newer).then(events.ReservationRecorded(line_id="1", reserved=3, revision=9))


def test_what_the_stock_says_of_an_unknown_line_is_refused() -> None:
    given(PLACED).when(replace(RESERVED, line_id="x")).then_refused("line-unknown", saying="x")
    given(PLACED).when(replace(RELEASE, line_id="x")).then_refused("line-unknown")
    given().when(RESERVED).then_refused("order-unknown")
    given().when(RELEASE).then_refused("order-unknown")


def test_what_the_stock_says_of_a_cancelled_order_is_taken() -> None:
    cancelled = after(PLACED, commands.CancelOrder())
    When(cancelled, OTHER).then(events.ReservationRecorded(line_id="2", reserved=2, revision=1))


def test_what_the_stock_gave_up_is_held_no_longer() -> None:
    one = When(after(PLACED, RESERVED), RELEASE).then(
        events.ReservationReleased(line_id="1", reserved=2, backordered=1, revision=8, reason="cancelled")
    )
    assert one is not None
    assert one.units[0] == LineUnits(revision=8)
    When(one, RELEASE).then()
    When(one, RESERVED).then()


def test_units_that_left_are_not_given_up() -> None:
    one = after(PLACED, CONFIRM, RESERVED, replace(SHIP, lines=ONE), RELEASE)
    assert one.units[0] == LineUnits(reserved=1, shipped=1, revision=8)
    forced = after(PLACED, replace(SHIP, reason="found"), RELEASE)
    assert forced.units[0] == LineUnits(shipped=2, revision=8)


def test_reserved_units_leave() -> None:
    one = When(after(PLACED, CONFIRM, RESERVED), SHIP).then(SHIPPED)
    assert one is not None
    assert one.units[0].shipped == 2
    assert fulfilment_status(one) == "partially-shipped"
    When(one, SHIP).then()
    When(one, replace(SHIP, at=NOON.replace(hour=13))).then()
    When(one, replace(SHIP, lines=ONE)).then_refused("shipment-id-reused")


def test_units_that_are_not_reserved_leave_with_a_reason_only() -> None:
    one = after(PLACED, CONFIRM, RESERVED)
    three = replace(SHIP, lines=(Units(line_id="1", quantity=3),))
    When(one, three).then_refused("quantity-exceeds-reserved", saying="3 to ship, 2 reserved")
    after(PLACED, CONFIRM, RESERVED, replace(three, reason="found one"))
    When(after(PLACED, CONFIRM, RESERVED, SHIP), replace(SHIP, shipment_id="t", lines=ONE)).then_refused(
        "quantity-exceeds-reserved", saying="1 to ship, 0 reserved"
    )


def test_an_order_that_is_not_confirmed_leaves_with_a_reason_only() -> None:
    When(after(PLACED, RESERVED), SHIP).then_refused("order-not-confirmed")
    after(PLACED, RESERVED, replace(SHIP, reason="by hand"))


def test_no_more_leaves_than_was_ordered_whatever_the_reason() -> None:
    forced = replace(SHIP, lines=(Units(line_id="1", quantity=3),), reason="found one")
    one = after(PLACED, cancel(1))
    When(one, forced).then_refused("quantity-exceeds-ordered", saying="3 to ship, 2 left")
    When(one, replace(forced, lines=ONE + TWO)).then_refused("duplicate-line")
    When(one, replace(forced, lines=(Units(line_id="x", quantity=1),))).then_refused("line-unknown")


def test_units_that_left_are_not_cancelled() -> None:
    one = after(PLACED, CONFIRM, RESERVED, SHIP)
    When(one, cancel(2)).then_refused("order-shipped", saying="2 units have left")
    When(one, cancel(4)).then_refused("quantity-exceeds-ordered")
    When(one, commands.CancelOrder()).then_refused("order-shipped")
    rest = after(PLACED, CONFIRM, RESERVED, SHIP, cancel(1))
    assert rest.cancelled == (1, 0)


def test_an_order_whose_rest_was_cancelled_is_shipped() -> None:
    both = commands.CancelLines(
        lines=(
            commands.UnitsToCancel(line_id="1", quantity=1),
            commands.UnitsToCancel(line_id="2", quantity=2),
        )
    )
    assert fulfilment_status(after(PLACED, CONFIRM, RESERVED, SHIP, both)) == "shipped"


def test_an_order_has_so_many_shipments() -> None:
    many = placed(line("1", ENTRIES_LIMIT + 1, 1))
    gone = tuple(events.OrderShipped(shipment_id=str(i), lines=ONE, at=NOON) for i in range(ENTRIES_LIMIT))
    given(many, *gone).when(replace(SHIP, lines=ONE, reason="one more")).then_refused("order-too-large")


def test_a_shipment_can_be_followed_elsewhere() -> None:
    gone = (PLACED, CONFIRM, RESERVED, SHIP)
    moved = commands.UpdateTracking(shipment_id="s", carrier="van", tracking="43")
    other = commands.ShipOrder(shipment_id="t", lines=ONE, reason="found", at=NOON)
    one = When(after(*gone, other), moved).then(
        events.TrackingUpdated(shipment_id="s", carrier="van", tracking="43")
    )
    assert one is not None
    assert [(each.carrier, each.tracking) for each in one.shipments] == [("van", "43"), ("", "")]
    When(one, moved).then()
    When(one, SHIP).then()
    When(one, replace(moved, shipment_id="x")).then_refused("shipment-unknown")


def test_what_arrives_is_told_in_totals() -> None:
    other = commands.ShipOrder(
        shipment_id="t", lines=(Units(line_id="2", quantity=2),), reason="found", at=NOON
    )
    gone = after(PLACED, CONFIRM, RESERVED, SHIP, other)
    arrived = commands.ConfirmDelivery(shipment_id="s", lines=ONE, at=NOON)
    one = When(gone, arrived).then(events.DeliveryConfirmed(shipment_id="s", lines=ONE, at=NOON))
    assert one is not None
    assert fulfilment_status(one) == "partially-delivered"
    assert [[part.delivered for part in each.sent] for each in one.shipments] == [[1], [0]]
    When(one, arrived).then()
    whole = commands.ConfirmDelivery(shipment_id="s", at=NOON)
    two = When(one, whole).then(events.DeliveryConfirmed(shipment_id="s", lines=ONE, at=NOON))
    assert two is not None
    assert two.shipments[0].sent == (Sent(place=0, quantity=2, delivered=2),)
    assert two.units[0].delivered == 2
    When(two, whole).then()
    When(two, arrived).then()


def test_no_more_arrives_than_left() -> None:
    gone = after(PLACED, CONFIRM, RESERVED, replace(SHIP, lines=ONE))
    arrived = commands.ConfirmDelivery(shipment_id="s", lines=TWO, at=NOON)
    When(gone, arrived).then_refused("quantity-exceeds-shipped", saying="2 arrived, 1 in shipment s")
    stranger = replace(arrived, lines=(Units(line_id="2", quantity=1),))
    When(gone, stranger).then_refused("quantity-exceeds-shipped")
    When(gone, replace(arrived, shipment_id="x")).then_refused("shipment-unknown")
