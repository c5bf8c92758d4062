"""The workload is worth running: the same for a seed, mostly accepted, with every kind of no in it."""

from __future__ import annotations

import json
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from tests.faults.checkers.decisions import decided
from tests.faults.history import COMMANDS, History, Seen
from tests.faults.workload import Workload

if TYPE_CHECKING:
    from tests.faults.workload import Message


def test_a_seed_makes_the_same_messages() -> None:
    assert list(islice(Workload(1), 500)) == list(islice(Workload(1), 500))
    assert list(islice(Workload(1), 500)) != list(islice(Workload(2), 500))


def test_the_orders_that_are_alive_are_bounded() -> None:
    messages = [message for message in islice(Workload(1, orders=20, lives=0), 5000) if message.command]
    assert len({message.key for message in messages[-400:]}) <= 20 * 3


def test_it_repeats_ids_and_sends_what_is_no_command() -> None:
    messages = list(islice(Workload(1), 5000))
    ids = Counter(message.command for message in messages if message.command)
    assert 100 < sum(1 for count in ids.values() if count > 1) < 400
    assert 3 < sum(1 for message in messages if message.command is None) < 50


def test_a_repeated_id_is_the_same_message() -> None:
    first: dict[str, bytes] = {}
    for message in islice(Workload(1), 5000):
        if message.command:
            assert first.setdefault(message.command, message.value) == message.value


def test_two_thirds_are_accepted_and_the_rest_is_refused_for_every_reason() -> None:
    messages = list(islice(Workload(1, orders=50, lives=0), 20_000))
    log = [Seen(0, offset, message.key, message.value) for offset, message in enumerate(messages)]
    model = decided(History(partitions=1, committed={COMMANDS: log}))
    accepted = sum(1 for decision in model.values() if decision.accepted)
    assert 0.6 < accepted / len(model) < 0.9


def test_totals_add_up() -> None:
    for message in islice(Workload(1), 300):
        body = json.loads(message.value) if message.command else {}
        if body.get("type") == "place-order.v1":
            data = body["data"]
            assert data["totals"]["total"] == sum(
                line["quantity"] * line["unit_price"] for line in data["lines"]
            )


def test_a_life_goes_on_when_the_workload_hears_what_happened() -> None:
    workload = Workload(1, orders=20)
    deaf = {_type(message) for message in islice(Workload(1, orders=20), 5000)}
    heard = set()
    for message in islice(workload, 20_000):
        heard.add(_type(message))
        workload.tell(message.key.decode(), FOLLOWS.get(_type(message), ""))
        if message.topic == "return-commands":
            order = message.key.decode().removesuffix("-return")
            workload.tell(order, "return-advised.v1")
    assert "close-return.v1" in heard - deaf
    assert {
        "capture-payment.v1",
        "confirm-amendment.v1",
        "release-order.v1",
        "reject-return.v1",
    } <= heard - deaf


FOLLOWS = {
    "place-order.v1": "order-confirmed.v1",
    "ship-order.v1": "order-shipped.v1",
    "confirm-delivery.v1": "delivery-confirmed.v1",
    "propose-amendment.v1": "amendment-proposed.v1",
    "hold-order.v1": "order-held.v1",
}


def _type(message: Message) -> str:
    return str(json.loads(message.value)["type"]) if message.command else ""


def test_a_life_that_was_undone_gives_its_place_to_another() -> None:
    workload = Workload(1, orders=20)
    for message in islice(workload, 5000):
        if _type(message) == "place-order.v1":
            workload.tell(message.key.decode(), "order-cancelled.v1")
    assert workload.begun > 300
