"""What a reader makes of a source, and the tables that it reads.

A reader is pure: files in, `Item`s out. The first says how large the source is; after that, every line of
the source is in exactly one item. `Counts` (counts.py) compares.
"""

from __future__ import annotations

import csv
import gzip
import lzma
from datetime import datetime  # noqa: TC003 - a field of a NamedTuple
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import TextIO

_OPEN: dict[str, Callable[..., TextIO]] = {".gz": gzip.open, ".xz": lzma.open}


class SourceUnusable(Exception):  # noqa: N818 - one line for the person who named the path
    """The path holds no such data, or data that this program does not understand."""


class Draft(NamedTuple):
    """A command to send. Its id is made from the source alone, so that a repeat is recognised.

    It goes after all commands with its key, and when all that follows from those of the keys `after` is settled.
    """

    command_id: str
    key: str  # of the aggregate: an order, a stock item, a return
    at: datetime  # when it happened, by the source
    data: Any  # a command of the contract that `addresses` finds for it
    order_id: str = ""  # of the order that it is about
    lines: int = 0  # source lines that it carries
    units: int = 0  # that it orders, cancels, sends or takes back
    amount: int = 0  # minor units that it orders, cancels, captures or takes back, shipping included
    back: int = 0  # minor units of what was captured that go back because of it
    leaves: str = ""  # the stage in which it leaves the order; empty: the one before
    notable: tuple[str, ...] = ()  # what is counted of it besides, in words
    refusal: str = ""  # the code with which it must be refused: the source has it at the wrong time
    after: tuple[str, ...] = ()


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
