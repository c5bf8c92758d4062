"""What an item remembers of what is over, so that a late or repeated command does no harm, and for how long.

Settled reservations, releases without a reservation and movements of goods are numbered in the order in which they
were remembered. Each that is added lets up to two go that are older than KEPT: the memory is bounded by what happens
in that time, no step of it costs more than a few entries, and nothing is ever scanned.
"""

from datetime import datetime, timedelta
from typing import Final

from app.domain.stock import names
from app.domain.stock.draft import Draft
from app.domain.stock.state import Movement, Remembered, Settled, StockItem, Withdrawn

# Command topics are kept for 7 days: what is repeated later is a new command, and its sender must know better.
KEPT: Final = timedelta(days=30)
_AT_ONCE: Final = 2  # one would keep up; two catch up


def remember(draft: Draft, item: StockItem, name: str, at: datetime) -> tuple[int, int]:
    """Note that the entry `name`, which has the number `item.newest`, is of the past since `at`.

    Returns the item's `oldest` and `newest`.
    """
    newest = item.newest + 1
    draft.put(names.remembered(item.newest), Remembered(name=name, at=at))
    oldest = item.oldest
    for _ in range(_AT_ONCE):
        noted = draft.get(names.remembered(oldest))
        if not isinstance(noted, Remembered) or noted.at + KEPT >= at:
            break
        entry = draft.get(noted.name)
        # A withdrawn reservation that came after all was settled under another number.
        if isinstance(entry, Settled | Withdrawn | Movement) and entry.number == oldest:
            draft.delete(noted.name)
        draft.delete(names.remembered(oldest))
        oldest += 1
    return oldest, newest
