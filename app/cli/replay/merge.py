"""Many lives as one: what happened in each, in the order of time over all of them."""

from __future__ import annotations

import heapq
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.cli.replay.source import Draft

Step = tuple[str, list["Draft"]]  # when, as text that sorts by time, and what


def merged(lives: Iterable[tuple[str, Iterator[Step]]]) -> Iterator[list[Draft]]:
    """Yield the steps of all lives by time; each life with the time at which it begins, the earliest first.

    What happens at the same time is in the order of the lives. A life is begun when its time has come, so that only
    lives that are under way are held.
    """
    under_way: list[tuple[str, int, list[Draft], Iterator[Step]]] = []
    numbers = count()

    def happened() -> list[Draft]:
        _, number, drafts, life = heapq.heappop(under_way)
        _go_on(under_way, number, life)
        return drafts

    for begins, life in lives:
        while under_way and under_way[0][0] < begins:
            yield happened()
        _go_on(under_way, next(numbers), life)
    while under_way:
        yield happened()


def _go_on(
    under_way: list[tuple[str, int, list[Draft], Iterator[Step]]], number: int, life: Iterator[Step]
) -> None:
    step = next(life, None)
    if step is not None:
        heapq.heappush(under_way, (step[0], number, step[1], life))
