"""The bytes of every type of message, as they have been written since its first release.

A golden file is never changed: what was written once must be read for ever. A new meaning is a new version.
"""

import json
from collections.abc import Sequence

import msgspec
import pytest

from app.wire import schemas, types
from app.wire.contract import Contract
from app.wire.contracts import CONTRACTS
from app.wire.events import Envelope, event_version, journal_row
from app.wire.orders import decode_order_command, decode_order_event
from app.wire.outcomes import decode_outcome, outcome_row
from tests.wire.samples import ASKED, FURTHER, GOLDEN, ORDER_ID, events, messages, record

MEMBERS_OF_AN_EVENT = [
    "specversion",
    "id",
    "source",
    "type",
    "subject",
    "time",
    "sequence",
    "correlationid",
    "causationid",
    "traceparent",
    "data",
]


def test_every_type_has_a_golden_file() -> None:
    names = {types.ACCEPTED, types.REFUSED}
    for contract in CONTRACTS:
        names |= {*contract.commands.values(), *contract.events.values()}
    assert {path.name.removesuffix(".json") for path in GOLDEN.iterdir()} == names == set(schemas.MESSAGES)


@pytest.mark.parametrize("name", list(schemas.MESSAGES))
def test_the_bytes_are_the_golden_ones(name: str) -> None:
    assert messages()[name].decode() == (GOLDEN / f"{name}.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", list(schemas.MESSAGES))
def test_the_golden_bytes_keep_the_published_contract(name: str) -> None:
    schemas.MESSAGES[name].model_validate(json.loads((GOLDEN / f"{name}.json").read_bytes()))


@pytest.mark.parametrize("data", ASKED, ids=lambda data: types.COMMANDS[type(data)])
def test_a_golden_command_is_read_as_it_was_meant(data: object) -> None:
    command = decode_order_command(record((GOLDEN / f"{types.COMMANDS[type(data)]}.json").read_bytes()))
    assert command.data == data
    assert command.correlation_id == "checkout-7"
    assert command.causation_id == "click-3"
    assert command.expected_version == ASKED.index(data)


def test_a_golden_event_is_read_as_it_was_meant() -> None:
    for version, (command, event) in enumerate(events(), 1):
        name = types.EVENTS[type(event)]
        value = (GOLDEN / f"{name}.json").read_bytes()
        envelope = decode_order_event(value)
        assert isinstance(envelope, Envelope)
        assert (envelope.data, envelope.version, envelope.type) == (event, version, name)
        assert (envelope.id, envelope.causationid) == (f"{ORDER_ID}@{version}", command.id)
        assert list(msgspec.json.decode(value)) == MEMBERS_OF_AN_EVENT


@pytest.mark.parametrize(
    ("contract", "subject", "commands", "events"),
    FURTHER,
    ids=["orders", "payments", "stock", "returns", "carts"],
)
def test_golden_messages_of_each_contract_are_read_as_they_were_meant(
    contract: Contract, subject: str, commands: Sequence[msgspec.Struct], events: Sequence[msgspec.Struct]
) -> None:
    for data in commands:
        value = (GOLDEN / f"{contract.commands[type(data)]}.json").read_bytes()
        command = contract.decode_command(record(value, subject.encode()))
        assert (command.data, command.subject, command.type) == (data, subject, contract.commands[type(data)])
    for event in events:
        envelope = contract.decode_event((GOLDEN / f"{contract.events[type(event)]}.json").read_bytes())
        assert (envelope.data, envelope.subject, envelope.version) == (event, subject, 7)
        assert envelope.source == contract.source


def test_a_golden_event_has_its_place_in_the_journal() -> None:
    for version, (_, event) in enumerate(events(), 1):
        value = (GOLDEN / f"{types.EVENTS[type(event)]}.json").read_bytes()
        assert event_version(value) == version
        assert journal_row(b"o-1", value) == (b"o-1\0" + bytes([0] * 7 + [version]), value)


def test_a_golden_outcome_is_read_as_it_was_meant() -> None:
    accepted = decode_outcome((GOLDEN / "command-accepted.v1.json").read_bytes())
    assert accepted.accepted
    assert (accepted.data.version, accepted.data.events, accepted.data.code) == (1, ("o-1@1",), None)
    refused = decode_outcome((GOLDEN / "command-refused.v1.json").read_bytes())
    assert not refused.accepted
    assert (refused.data.version, refused.data.code, refused.data.events) == (4, "order-exists", None)


def test_an_outcome_is_a_row_as_it_is() -> None:
    assert outcome_row(b"cmd-1", b"{}") == (b"cmd-1", b"{}")
