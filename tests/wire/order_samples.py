"""One order command and event of every type that came after the first three, with every field that it can have."""

from datetime import UTC, datetime
from typing import Any, Final

from msgspec import Struct, inspect

from app.wire.order_types import ORDER_COMMANDS, ORDER_EVENTS

# Fields that came after the golden files, which are never changed: their defaults are not written.
LATER: Final = frozenset({"tax_rate_micro_bp"})
NOON: Final = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)


def sample(kind: type[Struct]) -> Any:
    """Return a value with something in every field. It need not make sense: its bytes count."""
    described = inspect.type_info(kind)
    assert isinstance(described, inspect.StructType)
    return kind(
        **{
            field.name: _value(field.type, field.name)
            for field in described.fields
            if field.name not in LATER
        }
    )


def _value(kind: inspect.Type, name: str) -> Any:  # noqa: PLR0911 - a table, one return a kind
    if isinstance(kind, inspect.Metadata):
        return _value(kind.type, name)
    if isinstance(kind, inspect.StructType):
        return sample(kind.cls)
    if isinstance(kind, inspect.VarTupleType):
        return (_value(kind.item_type, name),)
    if isinstance(kind, inspect.UnionType):
        return _value(next(each for each in kind.types if not isinstance(each, inspect.NoneType)), name)
    if isinstance(kind, inspect.StrType):
        return "EUR" if kind.max_length == 3 else name.replace("_", "-")
    if isinstance(kind, inspect.LiteralType):
        return kind.values[-1]
    if isinstance(kind, inspect.EnumType):
        return list(kind.cls)[-1]
    simple = {inspect.IntType: 3, inspect.BoolType: True, inspect.DateTimeType: NOON}
    return simple[type(kind)]


COMMANDS: Final[tuple[Struct, ...]] = tuple(sample(kind) for kind in ORDER_COMMANDS)
EVENTS: Final[tuple[Struct, ...]] = tuple(sample(kind) for kind in ORDER_EVENTS)
