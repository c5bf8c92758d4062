"""What is written: cheap ways give the same bytes as plain ones, for whatever ids there are."""

import re
from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.order.commands import CancelOrder, OrderCommand
from app.domain.order.events import OrderCancelled, OrderEvent
from app.domain.order.evolver import evolve, fold
from app.domain.refused import Code, Refused
from app.wire.contracts import ORDERS
from app.wire.events import UnknownEvent, event_version, journal_key, journal_row
from app.wire.ids import fault
from app.wire.orders import (
    Command,
    decode_order_command,
    decode_order_event,
    encode_order_command,
    encode_order_event,
)
from app.wire.outcomes import accepted, accepted_at_length, decode_outcome, refused
from app.wire.rows import decode_order, encode_order
from app.wire.types import COMMANDS, EVENTS
from tests.wire.samples import NOW, ORDER_ID, events, messages, record

EVENT = OrderCancelled(lines=(), amount=0)
AWKWARD = st.text(st.sampled_from('a"\\@,:{é🧦'), min_size=1, max_size=8)  # what would break a sloppy writer
IDS = AWKWARD | st.text(min_size=1, max_size=20).filter(lambda text: fault(text) is None)


def command(command_id: str = "cmd", order_id: str = "o-1", correlation_id: str | None = None) -> Command:
    value = encode_order_command(
        id=command_id, subject=order_id, data=CancelOrder(), correlation_id=correlation_id
    )
    return decode_order_command(record(value, order_id.encode()))


def test_every_command_and_event_has_a_name_on_the_wire() -> None:
    assert set(get_args(OrderCommand)) == set(ORDERS.envelopes) >= set(COMMANDS)
    assert set(get_args(OrderEvent)) == set(ORDERS.events) >= set(EVENTS)


@settings(deadline=None)
@given(IDS, st.integers(1, 2**40))
def test_the_version_is_found_in_an_events_bytes(order_id: str, version: int) -> None:
    value = encode_order_event(EVENT, order_id, version, command(order_id=order_id), NOW)
    assert event_version(value) == version
    assert journal_row(order_id.encode(), value)[0] == journal_key(order_id.encode(), version)
    assert decode_order_event(value).version == version


def test_a_journal_is_sorted_by_version() -> None:
    keys = [journal_key(b"o-1", version) for version in (1, 2, 255, 256, 65_536)]
    assert keys == sorted(keys)
    assert journal_key(b"o-1", 2**40) < journal_key(b"o-10", 1)


@settings(deadline=None, max_examples=300)
@given(IDS, IDS, st.none() | IDS, st.sampled_from([[], [1], [2], [99], [1, 2]]))
def test_an_outcome_written_as_text_is_the_one_written_at_length(
    command_id: str, order_id: str, correlation_id: str | None, versions: list[int]
) -> None:
    asked = command(command_id, order_id, correlation_id)
    value = accepted(asked, order_id, 7, NOW, versions)
    assert value == accepted_at_length(asked, order_id, 7, NOW, versions)
    outcome = decode_outcome(value)
    assert outcome.accepted
    assert outcome.correlationid == (correlation_id or command_id)
    assert outcome.data.events == tuple(f"{order_id}@{version}" for version in versions)


def test_a_refusal_says_what_the_sender_has_to_know() -> None:
    outcome = decode_outcome(refused(command(), 3, Refused(Code.VERSION_CONFLICT, "it has version 3"), NOW))
    assert not outcome.accepted
    assert outcome.data.code == "version-conflict"
    assert outcome.data.detail == "it has version 3"
    assert outcome.data.version == 3


def test_an_event_without_correlation_is_correlated_by_its_command() -> None:
    value = encode_order_event(EVENT, "o-1", 1, command("cmd-5"), NOW)
    envelope = decode_order_event(value)
    assert (envelope.correlationid, envelope.causationid, envelope.traceparent) == ("cmd-5", "cmd-5", None)
    assert b"traceparent" not in value


def test_an_event_of_a_newer_release_is_named_not_skipped() -> None:
    newer = messages()["order-placed.v1"].replace(b"order-placed.v1", b"order-placed.v2")
    with pytest.raises(UnknownEvent, match=re.escape("event o-1@1 has type order-placed.v2")) as unknown:
        decode_order_event(newer)
    assert unknown.value.type == "order-placed.v2"


def test_a_row_survives_its_bytes() -> None:
    order = None
    for _, event in events():
        order = evolve(order, event, ORDER_ID)
        assert decode_order(encode_order(order)) == order


def test_the_fold_of_what_is_on_the_wire_is_the_row() -> None:
    made = messages()
    read = [decode_order_event(made[name]).data for name in EVENTS.values()]
    assert fold(ORDER_ID, read) == fold(ORDER_ID, [event for _, event in events()])


def test_defaults_are_left_out_of_rows_and_events() -> None:
    assert msgspec.json.encode(EVENT) == b'{"lines":[],"amount":0}'
