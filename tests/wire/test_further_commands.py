"""Of every further command, what decides on the hot path (msgspec) and what is published (pydantic) agree.

test_contract.py does the same for the first three, with more cunning.
"""

import json

import pytest
from msgspec import Struct

from app.lane.declare import Record, Undecodable
from app.wire.contract import Contract
from app.wire.schemas import explain
from tests.wire.agreement import changed, places
from tests.wire.samples import FURTHER, further_command
from tests.wire.test_contract import HOSTILE

COMMANDS = [(contract, subject, data) for contract, subject, commands, _ in FURTHER for data in commands]


def name(value: object) -> str:
    return type(value).__name__


def is_command(contract: Contract, value: bytes) -> bool:
    """True when the hot path takes a document for a command, whatever the record's key is."""
    try:
        contract.decode_command(Record("commands", 0, 0, 0, b"o-1", value, ()))
    except Undecodable as refused:
        return refused.code == "key-differs"
    return True


@pytest.mark.parametrize(("contract", "subject", "data"), COMMANDS, ids=name)
def test_a_hostile_value_in_every_place_is_accepted_by_both_or_by_neither(
    contract: Contract, subject: str, data: Struct
) -> None:
    valid = further_command(contract, subject, data)
    assert is_command(contract, valid)
    assert explain(valid) == []
    document = json.loads(valid)
    for path in places(document["data"], ("data",))[1:]:
        for hostile, other in changed(document, path, HOSTILE):
            value = json.dumps(other).encode()
            assert is_command(contract, value) == (explain(value) == []), (path, hostile)
