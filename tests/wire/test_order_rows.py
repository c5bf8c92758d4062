"""The rows of orders: those of the first release are read for ever, those of now are read as they were written."""

import functools

import msgspec
import pytest

from app.domain.bounds import LINES_LIMIT
from app.domain.order import commands
from app.domain.order.commands import ConfirmOrder, OrderCommand, Units, UnitsBack
from app.domain.order.decider import decide
from app.domain.order.evolver import fold
from app.domain.order.state import ROW_LIMIT, Order
from app.domain.order.statuses import fulfilment_status, order_status, payment_status
from app.domain.refused import Refused
from app.settings import Settings
from app.wire.orders import MAX_COMMAND_BYTES, encode_order_command
from app.wire.rows import decode_order, encode_order
from tests.domain.scenario import NOON, ORDER_ID, line, order
from tests.wire.order_samples import sample

# As the first release wrote it, when two units of the first line had been cancelled.
FIRST = (
    b'{"order_id":"o-1","version":2,"facts":{"customer_id":"c-1","placed_at":"2026-03-01T12:00:00Z",'
    b'"currency":"EUR","lines":[{"line_id":"a","sku":"sku-a","quantity":3,"unit_price":1000,'
    b'"line_total":3000},{"line_id":"b","sku":"sku-b","quantity":1,"unit_price":500,"line_total":500}],'
    b'"shipping":[{"line_id":"s","amount":490,"total":490}],"totals":{"goods":3500,"shipping":490,'
    b'"total":3990}},"cancelled":[2,0],"cancelled_amount":2000}'
)


def test_a_row_of_the_first_release_is_read_and_goes_on() -> None:
    row = decode_order(FIRST)
    assert (order_status(row), payment_status(row), fulfilment_status(row)) == (
        "placed",
        "none",
        "unfulfilled",
    )
    after = fold(ORDER_ID, decide(row, ConfirmOrder(at=NOON)), row)
    assert after is not None
    assert order_status(after) == "confirmed"


def test_a_row_that_has_nothing_new_to_say_has_the_bytes_of_the_first_release() -> None:
    assert encode_order(decode_order(FIRST)) == FIRST


def test_a_row_with_everything_is_read_as_it_was_written() -> None:
    row: Order = sample(Order)
    assert decode_order(encode_order(row)) == row
    assert list(msgspec.json.decode(encode_order(row))) == list(Order.__struct_fields__)


def asked_of(row: Order | None, command: OrderCommand) -> Order:
    after = fold(ORDER_ID, decide(row, command), row)
    assert after is not None
    return after


def test_the_largest_order_can_live_its_whole_life() -> None:
    """C13: what is accepted never becomes too large to be stored."""
    most = Settings(partitions=1).max_record_bytes - 2000  # key, headers, and payments of a usual number
    lines = [line(f"line-{n:06}", 3, 1999, name="x" * 283) for n in range(LINES_LIMIT)]
    place = order(*lines)
    size = len(encode_order_command(id="c", subject=ORDER_ID, data=place))
    assert 0.99 * MAX_COMMAND_BYTES < size < MAX_COMMAND_BYTES
    ids = [each.line_id for each in lines]
    row = asked_of(asked_of(None, place), ConfirmOrder(at=NOON))
    for each in ids:
        row = asked_of(row, commands.RecordReservation(line_id=each, reserved=3, revision=1_000_000))
    all_units = tuple([Units(line_id=each, quantity=3) for each in ids])
    back = tuple([UnitsBack(line_id=each, sellable=1, damaged=2) for each in ids])
    for command in (
        commands.ShipOrder(shipment_id="s", lines=all_units, at=NOON),
        commands.ConfirmDelivery(shipment_id="s", at=NOON),
        commands.AdviseReturn(return_id="r", lines=all_units),
        commands.RecordReturnReceipt(return_id="r", receipt_id="p", lines=back, at=NOON),
    ):
        row = asked_of(row, command)
        assert len(encode_order(row)) < most
    assert fulfilment_status(row) == "returned"


def test_people_cannot_fill_the_row_of_an_order_so_that_no_fact_has_room() -> None:
    row = asked_of(None, order(line("1", 1)))
    row = functools.reduce(asked_of, [note(n) for n in range(400)], row)
    with pytest.raises(Refused, match=r"^order-too-large: its row would have 87\d{4} bytes, 875000 at most"):
        functools.reduce(asked_of, [note(n) for n in range(400, 500)], row)
    assert ROW_LIMIT - 70_000 < len(encode_order(row)) <= ROW_LIMIT


def note(n: int) -> OrderCommand:
    return commands.AddNote(note_id=str(n), text="🧦" * 500)
