"""What a reader makes of a source, and the tables that it reads.

A reader is pure: files in, `Item`s out. The first says how large the source is; after that, every line of
the source is in exactly one item. `Counts` (summary.py) compares.
"""

from __future__ import annotations

import csv
import gzip
import lzma
from datetime import datetime  # noqa: TC003 - a field of a NamedTuple
from typing import TYPE_CHECKING, NamedTuple

from app.domain.order.commands import CancelLines, CancelOrder, PlaceOrder  # noqa: TC001 - a field of a NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import TextIO

_OPEN: dict[str, Callable[..., TextIO]] = {".gz": gzip.open, ".xz": lzma.open}


class SourceUnusable(Exception):  # noqa: N818 - one line for the person who named the path
    """The path holds no such data, or data that this program does not understand."""


class Draft(NamedTuple):
    """A command to send. Its id is made from the source alone, so that a repeat is recognised."""

    command_id: str
    order_id: str
    at: datetime  # when it happened, by the source
    data: PlaceOrder | CancelLines | CancelOrder
    lines: int  # source lines that it carries
    units: int  # that it orders or cancels
    amount: int  # minor units that it orders or cancels, shipping included


class Unused(NamedTuple):
    """A part of the source that becomes no command: a line, or (lines=0) an order without lines."""

    reason: str
    where: str
    lines: int = 1


class Size(NamedTuple):
    """What there is to read, counted apart from what becomes of it."""

    documents: int  # invoices or orders
    lines: int


Item = Size | Draft | Unused


def table(path: Path, columns: tuple[str, ...]) -> Iterator[list[str]]:
    """Yield the rows of a csv file (.csv, .csv.gz, .csv.xz). Raises SourceUnusable without these columns."""
    packed = (path.with_name(f"{path.name}.gz"), path.with_name(f"{path.name}.xz"))
    found = next((file for file in (path, *packed) if file.is_file()), None)
    if found is None:
        raise SourceUnusable(f"{path}: no such file (nor .gz or .xz)")
    with _OPEN.get(found.suffix, open)(found, "rt", encoding="utf-8", newline="") as text:
        rows = csv.reader(text)
        header = next(rows, [])
        if tuple(header[: len(columns)]) != columns:
            raise SourceUnusable(f"{found}: its columns are {', '.join(header)}, not {', '.join(columns)}")
        yield from rows
