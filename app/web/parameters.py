"""What comes in by path and query: percent-decoded, checked, every fault named.

What is malformed is answered by 400, never by 404.
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qsl, unquote

from app.web.problem import MALFORMED_REQUEST, Fault, Problem
from app.wire.ids import fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import web

Value = TypeVar("Value")
Name = TypeVar("Name", bound=StrEnum)

_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BROKEN_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")


class Parameters:
    """The parts of a request that its resource reads. What is wrong is collected for `check`."""

    def __init__(self, request: web.Request) -> None:
        self._path = request.rel_url.raw_path
        self._query = request.rel_url.raw_query_string
        self._faults: list[Fault] = []

    def path_id(self, name: str, place: int = 2) -> str:
        """Return the id that is the second (or a later) segment of the path, as in `/orders/{order_id}/events`.

        aiohttp's match is not enough: in it, `%FF` (no UTF-8) and `%25FF` have become the same.
        """
        return self._take(
            name, self._path.split("/", place + 1)[place], lambda raw: well_formed_id(_decoded(raw)), ""
        )

    def query(self, name: str, parse: Callable[[str], Value], default: Value) -> Value:
        """Return a parameter of the query, or the default when it is not there."""
        given = self._given(name)
        return default if given is None else self._take(name, given, parse, default)

    def required(self, name: str, parse: Callable[[str], Value], nothing: Value) -> Value:
        """Return a parameter of the query. `nothing` stands for it until `check` has raised."""
        given = self._given(name)
        if given is None:
            self._faults.append(Fault(name, "is missing"))
            return nothing
        return self._take(name, given, parse, nothing)

    def fault(self, name: str, detail: str) -> None:
        """Note what is wrong with a part of the request."""
        self._faults.append(Fault(name, detail))

    def check(self) -> None:
        """Raise the problem that names each fault, if there is any."""
        if self._faults:
            detail = "; ".join(f"{parameter} {detail}" for parameter, detail in self._faults)
            raise Problem(MALFORMED_REQUEST, detail, faults=self._faults)

    def _given(self, name: str) -> str | None:
        if not self._query:
            return None
        try:
            pairs = parse_qsl(self._query, keep_blank_values=True, errors="strict", max_num_fields=50)
        except ValueError:  # UnicodeDecodeError too
            self._faults.append(Fault(name, "cannot be read: the query is not percent-encoded UTF-8"))
            return None
        values = [value for given, value in pairs if given == name]
        if len(values) > 1:
            self._faults.append(Fault(name, "is there more than once"))
        return values[0] if values else None

    def _take(self, name: str, raw: str, parse: Callable[[str], Value], instead: Value) -> Value:
        try:
            return parse(raw)
        except ValueError as wrong:
            self._faults.append(Fault(name, str(wrong)))
            return instead


def well_formed_id(text: str) -> str:
    """Return the id, when a command could carry it. Raises ValueError."""
    wrong = fault(text)
    if wrong is not None:
        raise ValueError(wrong)
    return text


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Return a parser of plain decimal numbers in a range."""

    def parse(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) <= len(str(most))):
            raise ValueError(f"must be a whole number from {least} to {most}")
        if not least <= int(text) <= most:
            raise ValueError(f"must be from {least} to {most}")
        return int(text)

    return parse


def one_of(names: type[Name]) -> Callable[[str], Name]:
    """Return a parser of the names of a closed set."""

    def parse(text: str) -> Name:
        try:
            return names(text)
        except ValueError:
            raise ValueError(f"must be {', '.join(names)}") from None

    return parse


def matching(pattern: str, otherwise: str) -> Callable[[str], str]:
    """Return a parser of texts with a pattern."""
    wanted = re.compile(pattern)

    def parse(text: str) -> str:
        if not wanted.fullmatch(text):
            raise ValueError(otherwise)
        return text

    return parse


def day(text: str) -> date:
    """Return a day, as in 2026-03-01."""
    if not _DAY.fullmatch(text):
        raise ValueError("must be a day, as in 2026-03-01")
    return date.fromisoformat(text)


def _decoded(raw: str) -> str:
    if "#" in raw:  # aiohttp lets one pass before a "?", and a forwarded request would lose it
        raise ValueError("has a # that is not percent-encoded")
    if "%" not in raw:
        return raw
    if _BROKEN_ESCAPE.search(raw):
        raise ValueError("has a % that two hexadecimal digits do not follow")
    try:
        return unquote(raw, errors="strict")
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8") from None
