"""The strings of a message that must be ids, or currencies, found by their types: whatever the message is."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from msgspec import inspect

from app.domain.bounds import ID_LENGTH

Take = Callable[[Any], Iterator[str]]


class Marked(NamedTuple):
    """How to get at the ids and the currencies of a value."""

    ids: Take
    currencies: Take
    has_currency: bool


_MARKED: dict[type, Marked] = {}


def marked(kind: type) -> Marked:
    """Return where the ids and currencies of a type are."""
    found = _MARKED.get(kind)
    if found is None:
        found = _MARKED[kind] = _marked(kind)
    return found


def _marked(kind: type) -> Marked:
    described = inspect.type_info(kind)
    ids, currencies = _taker(described, _is_id), _taker(described, _is_currency)
    return Marked(ids or _nothing, currencies or _nothing, currencies is not None)


def _nothing(_value: Any) -> Iterator[str]:
    return iter(())


def _is_id(text: inspect.StrType) -> bool:
    return text.min_length == 1 and text.max_length == ID_LENGTH


def _is_currency(text: inspect.StrType) -> bool:
    return text.min_length == text.max_length == 3  # noqa: PLR2004 - ISO 4217


def _taker(kind: inspect.Type, wanted: Callable[[inspect.StrType], bool]) -> Take | None:
    """Return what yields the wanted strings of a value of this type, or None where there can be none."""
    if isinstance(kind, inspect.Metadata):
        return _taker(kind.type, wanted)
    if isinstance(kind, inspect.StrType):
        return _itself if wanted(kind) else None
    if isinstance(kind, inspect.StructType):
        fields = [(field.name, take) for field in kind.fields if (take := _taker(field.type, wanted))]
        return _of_fields(fields) if fields else None
    if isinstance(kind, inspect.VarTupleType | inspect.ListType):
        take = _taker(kind.item_type, wanted)
        return _of_items(take) if take else None
    if isinstance(kind, inspect.UnionType):
        takers = [take for each in kind.types if (take := _taker(each, wanted))]
        if len(takers) > 1:
            raise TypeError(f"more than one member of a union holds ids: {kind}")
        return _if_there(takers[0]) if takers else None
    return None


def _itself(value: Any) -> Iterator[str]:
    yield value


def _of_fields(fields: list[tuple[str, Take]]) -> Take:
    def take(value: Any) -> Iterator[str]:
        for name, inner in fields:
            yield from inner(getattr(value, name))

    return take


def _of_items(inner: Take) -> Take:
    def take(values: Any) -> Iterator[str]:
        for value in values:
            yield from inner(value)

    return take


def _if_there(inner: Take) -> Take:
    def take(value: Any) -> Iterator[str]:
        if value is not None:
            yield from inner(value)

    return take
