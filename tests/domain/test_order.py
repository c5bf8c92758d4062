"""What holds for every command and event of an order."""

from typing import get_args

import pytest

from app.domain.order import commands, decider, events, evolver
from app.domain.order.evolver import evolve
from app.domain.order.statuses import fulfilment_status, order_status, payment_status
from app.domain.refused import Refused, require_version
from tests.domain.scenario import given, placed


def test_every_command_has_its_rule() -> None:
    assert set(decider.DECIDE) == set(get_args(commands.OrderCommand))


def test_every_event_has_its_fold() -> None:
    assert set(evolver.EVOLVE) == set(get_args(events.OrderEvent))


def test_the_version_counts_events() -> None:
    order = evolve(None, placed(), "o-7")
    assert (order.order_id, order.version) == ("o-7", 1)


def test_an_expected_version_must_be_the_orders() -> None:
    order = given(placed()).order
    require_version(order, 1, "order")
    require_version(None, 0, "order")
    with pytest.raises(Refused, match="version-conflict: expected version 0, the order has version 1"):
        require_version(order, 0, "order")
    with pytest.raises(Refused, match="the order has version 0"):
        require_version(None, 3, "order")


def test_a_new_order_is_placed_unpaid_and_unfulfilled() -> None:
    order = given(placed()).order
    assert order is not None
    assert (order_status(order), payment_status(order), fulfilment_status(order)) == (
        "placed",
        "none",
        "unfulfilled",
    )
