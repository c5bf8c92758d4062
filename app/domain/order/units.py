"""Units by line: those that a message names, found in the order; those of the order, changed."""

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from app.domain.order.commands import Units
from app.domain.order.state import LineUnits, Order
from app.domain.refused import Code, Refused


class OfLine(Protocol):
    """Something about one line."""

    @property
    def line_id(self) -> str: ...


T = TypeVar("T", bound=OfLine)


def placed_at(order: Order) -> dict[str, int]:
    """Return the place of each line in the order's tuples, by its id."""
    return {line.line_id: place for place, line in enumerate(order.facts.lines)}


def by_place(order: Order, parts: Iterable[T]) -> dict[int, T]:
    """Return what is said about each line, by its place. Raises `Refused` for a line that is not there, or twice."""
    places = placed_at(order)
    found: dict[int, T] = {}
    for part in parts:
        place = places.get(part.line_id)
        if place is None:
            raise Refused(Code.LINE_UNKNOWN, f"no line {part.line_id} in this order")
        if place in found:
            raise Refused(Code.DUPLICATE_LINE, f"line {part.line_id} is there more than once")
        found[place] = part
    return found


def told(order: Order, parts: Iterable[tuple[int, int]]) -> tuple[Units, ...]:
    """Return places and quantities as a message tells them. No units are not told."""
    lines = order.facts.lines
    return tuple(
        [Units(line_id=lines[place].line_id, quantity=quantity) for place, quantity in parts if quantity]
    )


def changed(order: Order, by_line: Mapping[str, LineUnits]) -> tuple[LineUnits, ...]:
    """Return the units of every line, with those of some lines replaced."""
    return tuple(
        [
            by_line.get(line.line_id, units)
            for line, units in zip(order.facts.lines, order.all_units, strict=True)
        ]
    )


def of_lines(order: Order) -> dict[str, LineUnits]:
    """Return what became of the units of each line, by its id."""
    return {line.line_id: units for line, units in zip(order.facts.lines, order.all_units, strict=True)}
