"""Whether what decides (msgspec) and what is published (pydantic) take the same documents of a message."""

import json
from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any, Final

import msgspec

from app.wire.models import Model

REMOVED: Final = object()
# Ids that differ beyond their length, and currencies, are checked by both sides of the whole contract.
HOSTILE: Final[list[Any]] = [
    *(None, True, 0, 1, -1, 2, 4, 5, 12.0, 2**53 - 1, 2**53, 10**30, "", "x", "1", "x" * 128, "x" * 129),
    *("x" * 500, "x" * 501, [], {}, [{}], [{"line_id": "1", "quantity": 1}], [{"line_id": "1", "amount": 1}]),
    *("2026-01-01T00:00:00Z", "2026-01-01T00:00:00", {"amount": -1}),
]


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value in a document."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *[place for name, child in children for place in places(child, (*path, name))]]


def changed(document: Any, path: tuple[Any, ...], hostile: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """Return each hostile value with the document that has it at this place; REMOVED with the one that lacks it."""
    *steps, last = path
    for value in [*hostile, REMOVED]:
        other = deepcopy(document)
        node = other
        for step in steps:
            node = node[step]
        if value is REMOVED:
            del node[last]
        else:
            node[last] = value
        yield value, other


def assert_agreement(sample: msgspec.Struct, model: type[Model], hostile: Sequence[Any]) -> None:
    """Put every hostile value in every place of a sample: both take it, or neither."""
    kind = type(sample)
    valid = json.loads(msgspec.json.encode(sample))
    assert list(valid) == list(kind.__struct_fields__), "a sample has every field"
    assert taken_by_struct(kind, valid)
    assert taken_by_model(model, valid)
    for path in places(valid)[1:]:
        if path[-1] == "currency":
            continue  # checked by both sides of the whole contract
        for value, document in changed(valid, path, hostile):
            assert taken_by_struct(kind, document) == taken_by_model(model, document), (path, value)


def taken_by_struct(kind: type, document: Any) -> bool:
    try:
        msgspec.convert(document, kind)
    except msgspec.ValidationError:
        return False
    return True


def taken_by_model(model: type[Model], document: Any) -> bool:
    try:
        model.model_validate(document)
    except ValueError:
        return False
    return True
