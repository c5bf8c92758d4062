"""The rows of stock, returns and carts are read as they were written."""

from typing import get_args

import msgspec
import pytest

from app.domain.cart.state import Cart
from app.domain.stock.state import Entry, Movement, Remembered, Reservation, Settled, Shipment, Withdrawn
from app.wire.returns_rows import decode_cart, decode_return, encode_cart, encode_return
from app.wire.stock_rows import decode_entry, decode_item, encode_entry, encode_item
from tests.domain.returns import scenario as returns
from tests.domain.stock.scenario import NOON, backordered, given, received

LEFT = (Shipment(shipment_id="s-1", quantity=1),)
ENTRIES: list[Entry] = [
    Reservation(
        order_id="o-1",
        line_id="1",
        quantity=9,
        placed_at=NOON,
        arrived=7,
        reserved=2,
        backordered=3,
        shipped=1,
        released=3,
        shipments=LEFT,
        up="open\0o-2\x001",
        left="open\0o-3\x001",
        right="open\0o-4\x001",
        rank=2,
    ),
    Settled(quantity=4, shipped=1, released=3, shipments=LEFT, number=5),
    Withdrawn(keep=2, number=6),
    Movement(change=-4, number=8),
    Remembered(name="receipt\0r-1", at=NOON),
]


def test_there_is_a_row_of_every_kind_of_entry() -> None:
    assert {type(entry) for entry in ENTRIES} == set(get_args(Entry))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: type(entry).__name__)
def test_an_entry_is_read_as_it_was_written(entry: Entry) -> None:
    assert decode_entry(encode_entry(entry)) == entry
    assert msgspec.json.decode(encode_entry(entry)).keys() >= {*type(entry).__struct_fields__, "is"}


def test_an_item_is_read_as_it_was_written() -> None:
    item = given(received(3), backordered("o-1", 5, held=3)).item
    assert decode_item(encode_item(item)) == item
    assert msgspec.json.decode(encode_item(item))["first"] == "open\0o-1\x001"


def test_a_return_is_read_as_it_was_written() -> None:
    returned = returns.given(
        returns.requested(returns.line("A", 2, 200)),
        returns.approved(30),
        returns.received(("A", 1, 1, 200), fee=30),
        returns.inspected(("A", 1, 1)),
    ).returned
    assert decode_return(encode_return(returned)) == returned


def test_a_cart_is_read_as_it_was_written() -> None:
    cart = Cart(cart_id="c-1", version=3, order_id="o-2", given_up=("o-1",))
    assert decode_cart(encode_cart(cart)) == cart
