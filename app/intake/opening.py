"""The document of a shop: is it one order, and what we read of it. What is missing is told by pointer."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final, TypeVar

import msgspec
from msgspec import Raw, Struct

from app.intake.refusing import Reason, Unfit

Document = dict[str, Raw]
Payload = TypeVar("Payload", bound=Struct)

_BROKEN: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_documents: Final = msgspec.json.Decoder(Document | list[Raw])
_list: Final = msgspec.json.Decoder(list[Document])
_HIGHEST_RATE: Final = 10  # 1,000 %


def opened(body: bytes | Raw, marks: Iterable[str]) -> Document:
    """Return the members of the object that a body is. An object that has all of the marks is an order.

    A list of orders, as an API answers with, is refused: one answer could not speak for all of them.
    """
    try:
        found = _documents.decode(body)
    except msgspec.ValidationError as wrong:
        raise Unfit(Reason.NOT_AN_ORDER, "is no object") from wrong
    except _BROKEN as wrong:
        raise Unfit(Reason.UNREADABLE, f"is no JSON: {wrong}") from wrong
    if isinstance(found, dict):
        return found
    if holds_one(body, marks):
        raise Unfit(Reason.NOT_ONE_ORDER, "is a list of orders; a webhook tells of one")
    raise Unfit(Reason.NOT_AN_ORDER, "is a list of something else than orders")


def holds_one(part: bytes | Raw, marks: Iterable[str]) -> bool:
    """True for a list of objects of which one has all of the marks."""
    try:
        return any(set(marks) <= each.keys() for each in _list.decode(part))
    except msgspec.ValidationError:
        return False


def read(document: Document, payload: type[Payload]) -> Payload:
    """Return what we read of an order. Raises `Unfit` for a field that is missing or of another type."""
    try:
        return msgspec.json.decode(msgspec.json.encode(document), type=payload)
    except _BROKEN as wrong:
        raise Unfit(Reason.UNREADABLE, str(wrong)) from wrong


def sum_of_rates(rates: Iterable[Decimal], where: str) -> Decimal:
    """Return the sum of rates: 0.05 and 0.09975 are 0.14975. Decoded, a rate can be any number, and NaN."""
    whole = Decimal(0)
    for rate in rates:
        if not rate.is_finite() or not 0 <= rate <= _HIGHEST_RATE:
            raise Unfit(Reason.AMOUNT_OUT_OF_RANGE, f"{rate} is no rate of a tax", where)
        whole += rate
    return whole
