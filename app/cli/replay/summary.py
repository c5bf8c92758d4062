"""What a replay made of its source, in numbers that add up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

from app.cli.replay.source import Draft, Item, Size, SourceUnusable, Unused
from app.domain.order.commands import CancelLines, CancelOrder, PlaceOrder
from app.topics import DEAD_LETTERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.cli.replay.run import Result


@dataclass
class Counts:
    """The sums over a source. Amounts are minor units of `currency`."""

    documents: int = 0
    lines: int = 0
    orders: int = 0
    guests: int = 0
    lines_placed: int = 0
    units_placed: int = 0
    amount_placed: int = 0
    cancellations: int = 0  # commands
    lines_cancelled: int = 0
    units_cancelled: int = 0
    amount_cancelled: int = 0
    lines_unused: int = 0
    unused: Counter[str] = field(default_factory=Counter)
    currency: str = ""

    def add(self, item: Item) -> None:
        """Count an item."""
        match item:
            case Draft():
                self._add_draft(item)
            case Unused():
                self.unused[item.reason] += 1
                self.lines_unused += item.lines
            case Size():
                self.documents, self.lines = item
            case _:
                assert_never(item)

    @property
    def lines_accounted(self) -> int:
        """How many lines of the source are in a count."""
        return self.lines_placed + self.lines_cancelled + self.lines_unused

    def close(self) -> None:
        """Raise SourceUnusable when a line of the source is in no count, or in two."""
        if self.lines_accounted != self.lines:
            raise SourceUnusable(
                f"{self.lines} lines were read, but {self.lines_accounted} are accounted for"
            )

    def _add_draft(self, draft: Draft) -> None:
        match draft.data:
            case PlaceOrder():
                self.orders += 1
                self.guests += draft.data.customer_id is None
                self.currency = draft.data.currency
                self.lines_placed += draft.lines
                self.units_placed += draft.units
                self.amount_placed += draft.amount
            case CancelLines() | CancelOrder():
                self.cancellations += 1
                self.lines_cancelled += draft.lines
                self.units_cancelled += draft.units
                self.amount_cancelled += draft.amount
            case _:
                assert_never(draft.data)


def count(items: Iterable[Item]) -> Counts:
    """Count a whole source. Raises SourceUnusable when its lines do not add up."""
    counts = Counts()
    for item in items:
        counts.add(item)
    counts.close()
    return counts


def described(counts: Counts) -> Iterator[tuple[str, str]]:
    """Yield the lines of the summary: what is counted, and the number."""
    yield "invoices or orders in the source", f"{counts.documents:,}"
    yield "lines in the source", f"{counts.lines:,}"
    yield "orders placed", f"{counts.orders:,}"
    yield "  without a customer", f"{counts.guests:,}"
    yield "lines placed", f"{counts.lines_placed:,}"
    yield "units placed", f"{counts.units_placed:,}"
    yield "cancellations", f"{counts.cancellations:,}"
    yield "lines cancelled", f"{counts.lines_cancelled:,}"
    yield "units cancelled", f"{counts.units_cancelled:,}"
    yield "lines not used", f"{counts.lines_unused:,}"
    for reason, number in sorted(counts.unused.items()):
        yield f"  {reason}", f"{number:,}"
    yield "total placed", _money(counts.amount_placed, counts.currency)
    yield "total cancelled", _money(counts.amount_cancelled, counts.currency)
    yield "total that stands", _money(counts.amount_placed - counts.amount_cancelled, counts.currency)


def outcome(result: Result) -> Iterator[tuple[str, str]]:
    """Yield what was sent and what became of it."""
    yield "commands sent", f"{result.commands:,} in {result.sent_after:.1f} s"
    decisions = result.decisions
    if decisions is None:
        return
    each = result.commands / result.decided_after
    yield (
        "commands decided",
        f"after {result.decided_after:.1f} s ({each:,.0f}/s, reading the source included)",
    )
    for kind, counter in (("accepted", decisions.accepted), ("refused", decisions.refused)):
        yield f"commands {kind}", f"{counter.total():,}"
        for name, number in sorted(counter.items()):
            yield f"  {name}", f"{number:,}"
    if decisions.earlier:
        yield "  of all these, by an earlier run", f"{decisions.earlier:,}"
    if decisions.dead:
        yield "commands that could not be decided", f"{decisions.dead.total():,} (topic {DEAD_LETTERS.name})"
        for name, number in sorted(decisions.dead.items()):
            yield f"  {name}", f"{number:,}"
    if decisions.missing:
        yield "commands without an outcome", f"{len(decisions.missing):,}: {_some(decisions.missing)}"


def _some(command_ids: set[str]) -> str:
    first = sorted(command_ids)[:3]
    return ", ".join(first) + (" ..." if len(command_ids) > len(first) else "")


def _money(minor_units: int, currency: str) -> str:
    return f"{minor_units // 100:,}.{minor_units % 100:02} {currency} ({minor_units:,} minor units)"
