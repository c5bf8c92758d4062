"""Members that an object of a JSON document has twice. Parsers take the last one and say nothing."""

import json
from typing import Any


class _Object(dict[str, Any]):
    twice: list[str]


def duplicates(value: bytes) -> list[str]:
    """Return the JSON pointers of members that are there more than once. `value` must be JSON."""
    try:
        document = json.loads(value, object_pairs_hook=_object)
        return list(_walk(document, ""))
    except RecursionError:
        return []


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    made = _Object(pairs)
    names = [name for name, _ in pairs]
    made.twice = sorted({name for name in names if names.count(name) > 1}) if len(made) < len(names) else []
    return made


def _walk(node: Any, where: str) -> list[str]:
    found = []
    if isinstance(node, _Object):
        found += [f"{where}/{_escaped(name)}" for name in node.twice]
        for name, child in node.items():
            found += _walk(child, f"{where}/{_escaped(name)}")
    elif isinstance(node, list):
        for i, child in enumerate(node):
            found += _walk(child, f"{where}/{i}")
    return found


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
