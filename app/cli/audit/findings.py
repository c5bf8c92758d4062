"""What an audit says: differences, and what it does not judge because work on it is in flight."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, NamedTuple

Flight = str  # why a thing is in flight; empty: it is at rest
YOUNG: Final = "it changed a moment ago"


class Finding(NamedTuple):
    """Something that is not as the events say. `of`: the order, item, return, cart or row."""

    kind: str
    of: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}  {self.of}: {self.what}"


@dataclass
class Findings:
    """All that was found. `flying`: of these something differs, and somebody is at it."""

    differences: list[Finding] = field(default_factory=list)
    flying: dict[str, str] = field(default_factory=dict)
    checked: Counter[str] = field(default_factory=Counter)

    def differ(self, kind: str, of: str, what: str, flight: Flight = "") -> None:
        """Note a difference. Of what is in flight it says nothing yet."""
        if flight:
            self.flying.setdefault(of, f"{flight} ({kind}: {what})")
        else:
            self.differences.append(Finding(kind, of, what))

    def expect(self, kind: str, of: str, found: object, wanted: object, flight: Flight = "") -> None:
        """Note a difference, if two values do."""
        self.checked[kind] += 1
        if found != wanted:
            self.differ(kind, of, f"is {found}, and should be {wanted}", flight)
