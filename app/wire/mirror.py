"""The published model (pydantic) of a message whose Struct says it all: field by field, with the same bounds.

The Struct decides; its mirror names every fault of a document at once and prints itself as JSON Schema. Messages whose
fields need a word of explanation have models of their own (models.py, payment_models.py ...).
"""

from typing import Annotated, Any, Literal

from msgspec import NODEFAULT, Struct, inspect
from pydantic import Field, create_model

from app.domain.bounds import ID_LENGTH, TEXT_LENGTH
from app.wire.models import Currency, Id, Model, Moment, Text

_CURRENCY_LENGTH = 3


def mirror(kind: type[Struct], known: dict[type, type[Model]]) -> type[Model]:
    """Return the model of a Struct. Those in `known` are used as they are; new ones are added to it."""
    found = known.get(kind)
    if found is None:
        described = inspect.type_info(kind)
        assert isinstance(described, inspect.StructType)  # noqa: S101 - a Struct is one
        fields = {field.encode_name: _field(field, known) for field in described.fields}
        found = known[kind] = create_model(kind.__name__, __base__=Model, __doc__=kind.__doc__, **fields)
    return found


def _field(field: inspect.Field, known: dict[type, type[Model]]) -> Any:
    kind = _type(field.type, known)
    if field.required:
        return (kind, ...)
    if field.default is not NODEFAULT:
        return (kind, [] if field.default == () else field.default)
    return (kind, Field(default_factory=field.default_factory))


def _type(kind: inspect.Type, known: dict[type, type[Model]]) -> Any:
    if isinstance(kind, inspect.Metadata):
        return _type(kind.type, known)
    if isinstance(kind, inspect.StructType):
        return mirror(kind.cls, known)
    if isinstance(kind, inspect.VarTupleType):
        items: Any = list[_type(kind.item_type, known)]  # type: ignore[misc] # made from data
        return Annotated[items, Field(min_length=kind.min_length, max_length=kind.max_length)]
    if isinstance(kind, inspect.UnionType):
        found = [_type(each, known) for each in kind.types]
        joined = found[0]
        for each in found[1:]:
            joined |= each
        return joined
    return _plain(kind)


def _plain(kind: inspect.Type) -> Any:  # noqa: PLR0911 - a table, one return a kind
    if isinstance(kind, inspect.StrType):
        if (kind.min_length, kind.max_length) == (1, ID_LENGTH):
            return Id
        if kind.min_length == kind.max_length == _CURRENCY_LENGTH:
            return Currency
        if kind.max_length == TEXT_LENGTH:
            return Text
        return Annotated[str, Field(min_length=kind.min_length, max_length=kind.max_length)]
    if isinstance(kind, inspect.IntType):
        return Annotated[int, Field(ge=kind.ge, gt=kind.gt, le=kind.le, lt=kind.lt)]
    if isinstance(kind, inspect.LiteralType):
        return Literal[kind.values]
    if isinstance(kind, inspect.EnumType):
        return Literal[tuple(each.value for each in kind.cls)]
    simple = {inspect.BoolType: bool, inspect.DateTimeType: Moment, inspect.NoneType: None}
    if type(kind) not in simple:
        raise TypeError(f"no model is known for {kind}")
    return simple[type(kind)]
