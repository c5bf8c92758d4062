"""Work lists of orders: whose turn it is."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from app.views.worklists import (
    WORK_LISTS,
    OrderWork,
    WorkRow,
    changes,
    decode_row,
    encode_row,
    key,
    list_of,
    money,
    prefix,
    rows,
)
from tests.domain.payment import scenario as payment
from tests.domain.scenario import NOON

NEW = OrderWork(order_id="o-1", placed_at=NOON, status="placed", currency="EUR", total=7500, uncovered=7500)
READY = replace(NEW, status="confirmed", ready=True, reserved=3, uncovered=0)


def of(story: payment.Story) -> tuple[int, int]:
    """Return what is uncovered, and what is to be refunded."""
    return money(story.total)


def lists(work: OrderWork) -> dict[str, tuple[int, int]]:
    """Return the lists that an order is in, with amount and units."""
    return {row.list: (row.amount, row.units) for row in rows(work)}


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (NEW, {"placed": (7500, 0), "awaiting-payment": (7500, 0)}),
        (
            replace(NEW, backordered=2),
            {"placed": (7500, 0), "awaiting-stock": (7500, 2), "awaiting-payment": (7500, 0)},
        ),
        (READY, {"confirmed": (7500, 0), "to-ship": (7500, 3)}),
        (replace(READY, uncovered=10), {"confirmed": (7500, 0), "awaiting-payment": (10, 0)}),
        (replace(READY, ready=False), {"confirmed": (7500, 0)}),
        (replace(READY, reserved=0), {"confirmed": (7500, 0)}),
        (
            replace(READY, stands=False, status="cancelled", backordered=1, uncovered=5, to_refund=400),
            {"cancelled": (7500, 0), "refunds-to-move": (400, 0)},
        ),
    ],
)
def test_an_order_is_in_the_list_of_its_status_and_where_something_is_to_be_done(
    work: OrderWork, said: dict[str, tuple[int, int]]
) -> None:
    assert lists(work) == said
    assert set(said) - {work.status} <= set(WORK_LISTS)


def test_an_order_moves_from_list_to_list() -> None:
    (status, waits) = rows(NEW)
    assert changes(None, NEW) == [(key(status), status), (key(waits), waits)]
    confirmed, to_ship = rows(READY)
    assert changes(NEW, READY) == [
        (key(status), None),
        (key(waits), None),
        (key(confirmed), confirmed),
        (key(to_ship), to_ship),
    ]


def test_in_a_list_where_it_stays_it_keeps_its_place() -> None:
    less = replace(NEW, uncovered=100)
    (row,) = [row for row in rows(less) if row.list == "awaiting-payment"]
    assert changes(NEW, less) == [(key(row), row)]
    assert changes(NEW, NEW) == []


def test_the_order_that_was_placed_first_comes_first() -> None:
    row = WorkRow(list="to-ship", order_id="o-1", placed_at=NOON, currency="EUR", amount=1)
    later = replace(row, order_id="o-0", placed_at=NOON + timedelta(seconds=1))
    ancient = replace(row, placed_at=NOON.replace(year=1))
    assert list_of(key(row)) == prefix("to-ship")
    assert prefix("to-ship") < key(ancient) < key(row) < key(later)
    assert decode_row(encode_row(row)) == row


def test_money_that_is_held_or_taken_covers_an_order() -> None:
    asked = payment.given(payment.authorize())
    assert of(asked) == (10_000, 0)
    held = asked.ask(payment.authorized())
    assert of(held) == (0, 0)
    part = held.ask(payment.capture(4000), payment.captured(4000))
    assert of(part) == (0, 0)


def test_a_refund_is_to_move_until_the_provider_says_that_it_did() -> None:
    paid = payment.given(*payment.PAID).now(payment.ENDED)
    assert of(paid) == (0, 10_000)
    asked = paid.ask(payment.refund("r", 10_000))
    assert of(asked) == (0, 10_000)
    gone = asked.ask(payment.refunded("r", 10_000))
    assert of(gone) == (0, 0)


def test_what_was_promised_back_covers_nothing() -> None:
    two = payment.owes(("A", 1, 10_000), ("B", 1, 5000))
    paid = payment.given(*payment.PAID, payment.grant("g", ("A", 1)), owed=two)
    assert of(paid) == (5000, 10_000)
