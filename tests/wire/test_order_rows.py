"""The rows of orders: those of the first release are read for ever, those of now are read as they were written."""

import msgspec

from app.domain.order.commands import ConfirmOrder
from app.domain.order.decider import decide
from app.domain.order.evolver import fold
from app.domain.order.state import Order
from app.domain.order.statuses import fulfilment_status, order_status, payment_status
from app.wire.rows import decode_order, encode_order
from tests.domain.scenario import NOON, ORDER_ID
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
