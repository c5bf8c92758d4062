"""What a checker says: how many violations there are, and the first, the worst and the last of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Violation(NamedTuple):
    """One thing that must not be. `weight` orders violations of one kind: how much is wrong."""

    where: str
    what: str
    weight: int = 1

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


Violations = Iterator[Violation]


@dataclass(frozen=True)
class Verdict:
    """The report of one checker. `examined` tells a check that found nothing from one that saw nothing."""

    check: str
    examined: int
    count: int
    first: str | None = None
    worst: str | None = None
    last: str | None = None

    @property
    def clean(self) -> bool:
        return self.count == 0


def judge(check: str, examined: int, violations: Iterable[Violation]) -> Verdict:
    """Count the violations and keep three of them."""
    found = list(violations)
    if not found:
        return Verdict(check, examined, 0)
    worst = max(found, key=lambda violation: violation.weight)
    return Verdict(check, examined, len(found), str(found[0]), str(worst), str(found[-1]))
