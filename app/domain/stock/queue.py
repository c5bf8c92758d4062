"""Who waits for units, in order of placement: by `placed_at`, then by arrival, however late an order arrives.

The queue is a leftist tree (Crane 1972; Knuth, The Art of Computer Programming 5.2.3) whose nodes are the waiting
reservations themselves. No node was placed before the one above it, so the first in line is on top. `rank` is the
length of the shortest way down to a free place; it is never longer on the right than on the left, hence the way down
on the right passes at most log2(n + 1) nodes: 17 of 100,000. To join and to leave cost as many entries at most, most
often two or three. (A list would need a walk past everybody who was placed later.)
"""

from datetime import datetime

from msgspec.structs import replace

from app.domain.stock.draft import Draft
from app.domain.stock.state import Reservation

Turn = tuple[datetime, int]


def turn(waiting: Reservation) -> Turn:
    """Whose turn it is: smaller is earlier. No two are equal."""
    return waiting.placed_at, waiting.arrived


def join(draft: Draft, first: str | None, name: str) -> str:
    """Put a reservation, which has no place yet, into the queue. Returns who is first now."""
    top = _merge(draft, first, name)
    assert top is not None  # noqa: S101 - `name` at least
    return top


def leave(draft: Draft, first: str | None, name: str) -> str | None:
    """Take a reservation out of the queue, wherever it stands. Returns who is first now."""
    gone = draft.reservation(name)
    below = _merge(draft, gone.left, gone.right)
    draft.put(name, replace(gone, up=None, left=None, right=None, rank=1))
    if below is not None:
        _hang(draft, below, gone.up)
    if gone.up is None:
        return below
    above = draft.reservation(gone.up)
    if above.left == name:
        _balance(draft, gone.up, replace(above, left=below))
    else:
        _balance(draft, gone.up, replace(above, right=below))
    return first


def _merge(draft: Draft, one: str | None, other: str | None) -> str | None:
    """Make two trees one. Goes down on the right only."""
    if one is None:
        return other
    if other is None:
        return one
    top, second = draft.reservation(one), draft.reservation(other)
    if turn(second) < turn(top):
        one, other, top = other, one, second
    right = _merge(draft, top.right, other)
    assert right is not None  # noqa: S101 - `other` at least
    _hang(draft, right, one)
    draft.put(one, _leaning_left(draft, replace(top, right=right)))
    return one


def _balance(draft: Draft, name: str, changed: Reservation) -> None:
    """Mend the ranks upwards, as far as they change."""
    while True:
        before = draft.reservation(name).rank
        changed = _leaning_left(draft, changed)
        draft.put(name, changed)
        if changed.rank == before or changed.up is None:
            return
        name, changed = changed.up, draft.reservation(changed.up)


def _leaning_left(draft: Draft, node: Reservation) -> Reservation:
    """Return the node with its lower side on the right, and its rank."""
    left, right = _rank(draft, node.left), _rank(draft, node.right)
    if left < right:
        return replace(node, left=node.right, right=node.left, rank=left + 1)
    return node if node.rank == right + 1 else replace(node, rank=right + 1)


def _rank(draft: Draft, name: str | None) -> int:
    return 0 if name is None else draft.reservation(name).rank


def _hang(draft: Draft, name: str, above: str | None) -> None:
    node = draft.reservation(name)
    if node.up != above:
        draft.put(name, replace(node, up=above))
