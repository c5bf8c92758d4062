"""Of every further command, what decides on the hot path (msgspec) and what is published (pydantic) agree.

test_contract.py does the same for the first three, with more cunning.
"""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from msgspec import Struct

from app.lane.declare import Record, Undecodable
from app.wire.contract import Contract
from app.wire.schemas import explain
from tests.wire.samples import FURTHER, further_command
from tests.wire.test_contract import HOSTILE, places

COMMANDS = [(contract, subject, data) for contract, subject, commands, _ in FURTHER for data in commands]

REMOVED = object()


def name(value: object) -> str:
    return type(value).__name__


def is_command(contract: Contract, value: bytes) -> bool:
    """True when the hot path takes a document for a command, whatever the record's key is."""
    try:
        contract.decode_command(Record("commands", 0, 0, 0, b"o-1", value, ()))
    except Undecodable as refused:
        return refused.code == "key-differs"
    return True


def changed(document: Any) -> Iterator[tuple[tuple[Any, ...], bytes]]:
    """Return the document with each of its data's values replaced by each hostile one, and removed."""
    for path in places(document["data"], ("data",))[1:]:
        *steps, last = path
        for hostile in [*HOSTILE, REMOVED]:
            other = deepcopy(document)
            node = other
            for step in steps:
                node = node[step]
            if hostile is REMOVED:
                del node[last]
            else:
                node[last] = hostile
            yield path, json.dumps(other).encode()


@pytest.mark.parametrize(("contract", "subject", "data"), COMMANDS, ids=name)
def test_a_hostile_value_in_every_place_is_accepted_by_both_or_by_neither(
    contract: Contract, subject: str, data: Struct
) -> None:
    valid = further_command(contract, subject, data)
    assert is_command(contract, valid)
    assert explain(valid) == []
    for path, value in changed(json.loads(valid)):
        assert is_command(contract, value) == (explain(value) == []), (path, value)
