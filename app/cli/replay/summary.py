"""A replay in words: what was in the source, what was sent, and what became of it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from app.topics import DEAD_LETTERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.cli.replay.counts import Counts
    from app.cli.replay.run import Result


def described(counts: Counts) -> Iterator[tuple[str, str]]:
    """Yield the lines of the summary: what is counted, and the number."""
    yield "invoices or orders in the source", f"{counts.documents:,}"
    yield "lines in the source", f"{counts.lines:,}"
    yield "orders placed", f"{counts.placed.commands:,}"
    yield "  without a customer", f"{counts.guests:,}"
    yield from _each(Counter(counts.stages.values()), "in the end ")
    yield "lines placed", f"{counts.placed.lines:,}"
    yield "units placed", f"{counts.placed.units:,}"
    yield "cancellations", f"{counts.cancelled.commands:,}"
    yield "lines cancelled", f"{counts.cancelled.lines:,}"
    yield "units cancelled", f"{counts.cancelled.units:,}"
    yield "shipments", f"{counts.shipped.commands:,}"
    yield "units shipped", f"{counts.shipped.units:,}"
    yield "returns", f"{counts.returned.commands:,}"
    yield "lines returned", f"{counts.returned.lines:,}"
    yield "units returned", f"{counts.returned.units:,}"
    yield "lines not used", f"{counts.lines_unused:,}"
    yield from _each(counts.unused)
    if counts.notable:
        yield "of note", f"{counts.notable.total():,}"
        yield from _each(counts.notable)
    currency = counts.currency
    yield "total placed", _money(counts.placed.amount, currency)
    yield "total cancelled", _money(counts.cancelled.amount, currency)
    yield "total returned", _money(counts.returned.amount, currency)
    stands = counts.placed.amount - counts.cancelled.amount - counts.returned.amount
    yield "total that stands", _money(stands, currency)
    yield "total paid", _money(counts.captured.amount, currency)
    yield "total refunded", _money(counts.back, currency)


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
    yield "commands accepted", f"{decisions.accepted.total():,}"
    yield from _each(decisions.accepted)
    yield "commands refused", f"{decisions.refused.total():,} ({_wrong_time(result)})"
    yield from _each(decisions.refused)
    if decisions.earlier:
        yield "  of all these, by an earlier run", f"{decisions.earlier:,}"
    if decisions.dead:
        yield "commands that could not be decided", f"{decisions.dead.total():,} (topic {DEAD_LETTERS.name})"
        yield from _each(decisions.dead)
    if decisions.missing:
        yield "commands without an outcome", f"{len(decisions.missing):,}: {_some(decisions.missing)}"


def is_as_expected(result: Result) -> bool:
    """Return whether all was decided, and refused was what the source has at the wrong time, and nothing else."""
    decisions = result.decisions
    if decisions is None:
        return True
    return not decisions.dead and not decisions.missing and decisions.refused == result.counts.refusals


def _wrong_time(result: Result) -> str:
    return f"{result.counts.refusals.total():,} come at the wrong time in the source"


def _each(counter: Counter[str], before: str = "") -> Iterator[tuple[str, str]]:
    for name, number in sorted(counter.items()):
        yield f"  {before}{name}", f"{number:,}"


def _some(command_ids: set[str]) -> str:
    first = sorted(command_ids)[:3]
    return ", ".join(first) + (" ..." if len(command_ids) > len(first) else "")


def _money(minor_units: int, currency: str) -> str:
    return f"{minor_units // 100:,}.{minor_units % 100:02} {currency} ({minor_units:,} minor units)"
