"""What is published of payments (pydantic) and what decides (msgspec) take the same documents."""

import json
from copy import deepcopy
from typing import Any, get_args

import msgspec
import pytest

from app.domain.payment.commands import PaymentCommand
from app.domain.payment.events import PaymentEvent
from app.wire.models import Model
from app.wire.payment_models import COMMAND_MODELS, EVENT_MODELS
from app.wire.payment_types import PAYMENT_COMMANDS, PAYMENT_EVENTS
from tests.wire import payment_samples

SAMPLES = [*payment_samples.PAYMENT_COMMANDS, *payment_samples.PAYMENT_EVENTS]
NAMES = {**PAYMENT_COMMANDS, **PAYMENT_EVENTS}
MODELS: dict[type, type[Model]] = {**COMMAND_MODELS, **EVENT_MODELS}
# Ids that differ beyond their length, and currencies, are checked by both sides of the whole contract.
HOSTILE: list[Any] = [
    *(None, True, 0, 1, -1, 2, 4, 5, 12.0, 2**53 - 1, 2**53, 10**30, "", "x", "1", "x" * 128, "x" * 129),
    *("x" * 500, "x" * 501, [], {}, [{}], [{"line_id": "1", "quantity": 1}], [{"line_id": "1", "amount": 1}]),
    *("2026-01-01T00:00:00Z", "2026-01-01T00:00:00", {"amount": -1}),
]


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value in a document."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *[place for name, child in children for place in places(child, (*path, name))]]


def taken_by_struct(kind: type, document: Any) -> bool:
    try:
        msgspec.convert(document, kind)
    except msgspec.ValidationError:
        return False
    return True


def taken_by_model(kind: type, document: Any) -> bool:
    try:
        MODELS[kind].model_validate(document)
    except ValueError:
        return False
    return True


def test_every_message_has_a_name_a_model_and_a_sample() -> None:
    kinds = {*get_args(PaymentCommand), *get_args(PaymentEvent)}
    assert set(NAMES) == set(MODELS) == {type(sample) for sample in SAMPLES} == kinds
    assert len(set(NAMES.values())) == len(NAMES) == len(SAMPLES)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: NAMES[type(sample)])
def test_a_document_is_taken_by_both_or_by_neither(sample: msgspec.Struct) -> None:
    kind = type(sample)
    valid = json.loads(msgspec.json.encode(sample))
    assert list(valid) == list(kind.__struct_fields__), "a sample has every field"
    assert taken_by_struct(kind, valid)
    assert taken_by_model(kind, valid)
    for *steps, last in places(valid)[1:]:
        if last == "currency":
            continue
        for hostile in [*HOSTILE, "removed"]:
            document = deepcopy(valid)
            node = document
            for step in steps:
                node = node[step]
            if hostile == "removed":
                del node[last]
            else:
                node[last] = hostile
            assert taken_by_struct(kind, document) == taken_by_model(kind, document), (steps, last, hostile)
