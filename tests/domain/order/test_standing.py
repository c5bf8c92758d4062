"""Taking an order on, holding it up, giving it up, closing it, and writing things down."""

from msgspec.structs import replace

from app.domain.bounds import TEXT_LENGTH
from app.domain.order import commands, events
from app.domain.order.commands import Address, Units
from app.domain.order.decider import decide
from app.domain.order.evolver import fold
from app.domain.order.owed import owed
from app.domain.order.state import ENTRIES_LIMIT, ROW_LIMIT
from app.domain.order.statuses import is_held, order_status
from app.domain.payment import commands as pay
from tests.domain.scenario import NOON, ORDER_ID, When, after, given, line, order, placed, shipping

PLACED = placed(line("1", 3, 1900), line("2", 2, 500), shipping=(shipping(750),))
CONFIRM = commands.ConfirmOrder(at=NOON, reason="paid")
CANCEL = commands.CancelOrder()
HOLD = commands.HoldOrder(code="fraud", reason="new customer", at=NOON)
RELEASE = commands.ReleaseOrder(code="fraud", reason="known", at=NOON)
EXPIRE = commands.ExpireOrder(at=NOON, reason="nobody paid")
CLOSE = commands.CloseOrder(at=NOON)
AUTHORIZE = pay.AuthorizePayment(payment_id="p", amount=7450)
AUTHORIZED = pay.RecordPaymentAuthorized(payment_id="p", amount=7450)
ALL = (Units(line_id="1", quantity=3), Units(line_id="2", quantity=2))
SHIP = commands.ShipOrder(shipment_id="s", lines=ALL, reason="by hand", at=NOON)


def ended(*asked: commands.OrderCommand) -> list[When]:
    """Ask for something in each of the ends of an order."""
    return [
        When(after(PLACED, *way), command)
        for way in ((CANCEL,), (EXPIRE,), (SHIP, replace(CLOSE, reason="unpaid")))
        for command in asked
    ]


def test_a_confirmed_order_stays_confirmed() -> None:
    one = given(PLACED).when(CONFIRM).then(events.OrderConfirmed(at=NOON, reason="paid"))
    assert one is not None
    assert order_status(one) == "confirmed"
    When(one, replace(CONFIRM, reason="again")).then()


def test_an_order_that_was_never_placed_can_do_nothing() -> None:
    for command in (CONFIRM, CANCEL, HOLD, RELEASE, EXPIRE, CLOSE, SHIP, AUTHORIZE, AUTHORIZED):
        given().when(command).then_refused("order-unknown")


def test_an_order_on_hold_is_not_confirmed_shipped_or_closed() -> None:
    one = given(PLACED).when(HOLD).then(events.OrderHeld(code="fraud", reason="new customer", at=NOON))
    assert one is not None
    assert is_held(one)
    for command in (CONFIRM, SHIP, CLOSE):
        When(one, command).then_refused("order-held", saying="fraud")


def test_an_order_is_held_until_its_last_reason_is_gone() -> None:
    one = after(PLACED, HOLD, commands.HoldOrder(code="address", at=NOON))
    When(one, HOLD).then()
    one = after(PLACED, HOLD, commands.HoldOrder(code="address", at=NOON), RELEASE)
    assert [hold.code for hold in one.holds] == ["address"]
    When(one, RELEASE).then()
    assert not is_held(after(PLACED, HOLD, RELEASE))
    When(after(PLACED, HOLD), RELEASE).then(events.OrderReleased(code="fraud", reason="known", at=NOON))


def test_an_order_that_ended_is_not_on_hold() -> None:
    assert not is_held(after(PLACED, HOLD, CANCEL))
    assert not is_held(after(PLACED, HOLD, EXPIRE))


def test_an_order_that_ended_stays_as_it_is() -> None:
    codes = ["order-already-cancelled", "order-expired", "order-closed"]
    for command in (CONFIRM, HOLD, SHIP, CANCEL, commands.ChangeShippingAddress(address=Address(name="Zoë"))):
        for asked, code in zip(ended(replace_id(command)), codes, strict=True):
            asked.then_refused(code)
    cancelled, _, closed = ended(EXPIRE)
    cancelled.then_refused("order-already-cancelled")
    closed.then_refused("order-closed")


def replace_id(command: commands.OrderCommand) -> commands.OrderCommand:
    """Another shipment than the one that was there."""
    return replace(command, shipment_id="t") if isinstance(command, commands.ShipOrder) else command


def test_an_order_that_nobody_paid_for_expires_with_all_that_is_left() -> None:
    before = after(
        PLACED, commands.CancelLines(lines=(commands.UnitsToCancel(line_id="1", quantity=1),)), HOLD
    )
    (expired,) = decide(before, EXPIRE)
    assert isinstance(expired, events.OrderExpired)
    assert [(units.line_id, units.quantity, units.amount) for units in expired.lines] == [
        ("1", 2, 3800),
        ("2", 2, 1000),
    ]
    assert (expired.shipping, expired.amount, expired.at, expired.reason) == (750, 5550, NOON, "nobody paid")
    one = fold(ORDER_ID, (expired,), before)
    assert one is not None
    assert order_status(one) == "expired"
    assert (owed(one).total, one.cancelled_amount) == (0, 7450)
    When(one, EXPIRE).then()


def test_an_order_that_is_confirmed_or_paid_for_does_not_expire() -> None:
    When(after(PLACED, CONFIRM), EXPIRE).then_refused("order-confirmed")
    When(after(PLACED, AUTHORIZE, AUTHORIZED), EXPIRE).then_refused("order-paid")
    When(after(PLACED, SHIP), EXPIRE).then_refused("order-shipped")


def test_an_order_whose_payment_is_partial_or_unanswered_expires() -> None:
    some = after(
        PLACED, replace(AUTHORIZE, amount=7449), pay.RecordPaymentAuthorized(payment_id="p", amount=7449)
    )
    for one in (some, after(PLACED, AUTHORIZE)):
        assert isinstance(decide(one, EXPIRE)[0], events.OrderExpired)


def test_a_free_order_expires_as_any_other() -> None:
    free = after(placed(line("1", 1, 0)))
    assert isinstance(decide(free, EXPIRE)[0], events.OrderExpired)


def test_money_that_comes_after_the_end_goes_back() -> None:
    late = after(
        PLACED, AUTHORIZE, EXPIRE, pay.RecordPaymentCaptured(payment_id="p", capture_id="k", amount=7450)
    )
    assert owed(late).ended
    When(late, replace(AUTHORIZE, payment_id="q")).then_refused("order-ended")


def test_an_order_is_closed_when_nothing_is_left_to_do() -> None:
    free = after(placed(line("1", 1, 0)), replace(SHIP, lines=(Units(line_id="1", quantity=1),)))
    one = When(free, CLOSE).then(events.OrderClosed(at=NOON))
    assert one is not None
    assert order_status(one) == "closed"
    When(one, replace(CLOSE, reason="again")).then()


def test_what_is_left_to_do_keeps_an_order_open() -> None:
    captured = (
        AUTHORIZE,
        AUTHORIZED,
        pay.CapturePayment(capture_id="k", payment_id="p", amount=7450, at=NOON),
    )
    answer = pay.RecordPaymentCaptured(payment_id="p", capture_id="k", amount=7450)
    advised = commands.AdviseReturn(return_id="r", lines=ALL)
    proposed = commands.ProposeAmendment(
        amendment_id="a", shipping=order(shipping=(shipping(0, "t"),)).shipping, difference=0
    )
    for way, what in (
        ((CONFIRM,), "5 units to ship"),
        ((SHIP,), "7450 to be paid"),
        ((SHIP, advised), "5 units to come back"),
        ((SHIP, proposed), "an amendment to answer"),
        ((SHIP, *captured), "a capture without an answer"),
        ((SHIP, *captured, answer, pay.GrantRefund(grant_id="g", amount=1)), "money to pay back"),
    ):
        When(after(PLACED, *way), CLOSE).then_refused("order-open", saying=what)
    When(after(PLACED, SHIP, *captured, answer), CLOSE).then(events.OrderClosed(at=NOON))


def test_an_order_can_be_closed_unpaid_with_a_reason() -> None:
    written_off = replace(CLOSE, reason="written off")
    When(after(PLACED, SHIP), written_off).then(events.OrderClosed(at=NOON, reason="written off"))
    When(after(PLACED), written_off).then_refused("order-open")


def test_goods_come_back_to_a_closed_order() -> None:
    closed = after(PLACED, SHIP, replace(CLOSE, reason="written off"))
    assert decide(closed, commands.AdviseReturn(return_id="r", lines=ALL))
    assert decide(closed, commands.AddNote(note_id="n", text="wants it back"))


def test_what_did_not_leave_goes_to_the_new_address() -> None:
    home = Address(name="Zoë", city="Brno")
    change = commands.ChangeShippingAddress(address=home)
    one = given(PLACED).when(change).then(events.ShippingAddressChanged(address=home))
    assert one is not None
    assert one.facts.shipping_address == home
    When(one, change).then()
    When(after(PLACED, SHIP), change).then_refused("order-shipped")


def test_a_note_is_written_once() -> None:
    note = commands.AddNote(note_id="n", text="call first", author="Ann")
    one = given(PLACED).when(note).then(events.NoteAdded(note_id="n", text="call first", author="Ann"))
    When(one, note).then()
    When(one, replace(note, text="do not call")).then_refused("note-id-reused")
    two = replace(note, note_id="m")
    When(one, two).then(events.NoteAdded(note_id="m", text="call first", author="Ann"))


def test_an_order_has_so_many_notes() -> None:
    notes = tuple(events.NoteAdded(note_id=str(i), text="") for i in range(ENTRIES_LIMIT))
    full = given(PLACED, *notes)
    full.when(commands.AddNote(note_id="n", text="")).then_refused("order-too-large", saying="500 notes")
    full.when(commands.AddNote(note_id="1", text="")).then()


def test_an_order_whose_row_is_full_takes_no_more_than_facts() -> None:
    long = placed(*[line(str(i), name="x" * TEXT_LENGTH) for i in range(ROW_LIMIT // TEXT_LENGTH)])
    given(long).when(HOLD).then_refused("order-too-large", saying="its row would have")
    assert decide(after(long), commands.RecordReservation(line_id="1", reserved=1, revision=1))


def test_where_the_row_is_full_no_payment_is_asked_for_but_every_fact_is_taken() -> None:
    long = placed(*[line(str(i), name="x" * TEXT_LENGTH) for i in range(ROW_LIMIT // TEXT_LENGTH)])
    held = pay.RecordPaymentAuthorized(payment_id="p", amount=500_000, provider="house")
    taken = pay.RecordPaymentCaptured(payment_id="p", capture_id="c", amount=300_000)
    one = after(long, held, taken)
    for asked in (
        pay.AuthorizePayment(payment_id="q", amount=1, provider="house"),
        pay.CapturePayment(payment_id="p", capture_id="d", amount=1, at=NOON),
        pay.GrantRefund(grant_id="g", amount=1),
        pay.RefundPayment(refund_id="r", capture_id="c", amount=1),
    ):
        When(one, asked).then_refused("order-too-large", saying="its row would have")
        assert decide(after(placed(line(unit_price=900_000)), held, taken), asked)
    assert decide(one, pay.VoidPayment(payment_id="p"))  # or the money would be held for ever
    assert decide(one, pay.RecordPaymentCaptured(payment_id="p", capture_id="d", amount=1))


def test_the_ledger_is_a_part_of_the_order() -> None:
    one = after(PLACED, AUTHORIZE, AUTHORIZED)
    assert one.version == 3
    assert one.payments.payments[0].authorized == 7450
    When(one, AUTHORIZED).then()
    When(one, replace(AUTHORIZE, payment_id="q")).then_refused("payment-exceeds-order")


def test_what_is_owed_follows_cancellations_and_amendments() -> None:
    one = after(PLACED, commands.CancelLines(lines=(commands.UnitsToCancel(line_id="1", quantity=2),)))
    assert (owed(one).total, owed(one).proposed, owed(one).shipping_left) == (3650, 0, 750)
    assert owed(after(PLACED, CANCEL)).total == 0
