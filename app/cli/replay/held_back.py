"""Drafts that wait until what was sent is settled, together with all that follows with their keys.

So the workers are waited for once for many commands, and what is held in memory has a bound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.cli.replay.source import Draft

DRAFTS: Final = 4_000
FRESH: Final = 20_000  # keys of which something was sent and is not settled


class HeldBack:
    """Decides what goes at once. `is_full`: it is time to settle; afterwards `settled` yields what may go."""

    def __init__(self) -> None:
        self._fresh: set[str] = set()
        self._drafts: list[Draft] = []
        self._keys: set[str] = set()

    def __len__(self) -> int:
        return len(self._drafts)

    @property
    def is_full(self) -> bool:
        return len(self._drafts) >= DRAFTS or len(self._fresh) >= FRESH

    def goes(self, draft: Draft) -> bool:
        """Return whether it goes at once. Otherwise it is held back here."""
        if draft.key in self._keys or any(key in self._fresh or key in self._keys for key in draft.after):
            self._keys.add(draft.key)
            self._drafts.append(draft)
            return False
        self._fresh.add(draft.key)
        return True

    def settled(self) -> Iterator[Draft]:
        """Yield what was held back and may go, in its order. What must wait for that is held back again."""
        drafts, self._drafts = self._drafts, []
        self._fresh.clear()
        self._keys.clear()
        return filter(self.goes, drafts)
