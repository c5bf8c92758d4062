"""How fast the commands go out: as they come, or by the time at which they happened."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

LATE_ENOUGH = 0.005  # seconds: what happens within them goes out together


class Pace:
    """Tells when an event is due, `times` as fast as it happened. `math.inf`: at once."""

    def __init__(self, times: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._times = times
        self._clock = clock
        self._first: datetime | None = None
        self._started = 0.0

    def seconds_until(self, at: datetime) -> float:
        """Return how long to wait before what happened at `at` is due; 0 when it is due, or nearly so."""
        if math.isinf(self._times):
            return 0.0
        if self._first is None:
            self._first, self._started = at, self._clock()
        due = self._started + (at - self._first).total_seconds() / self._times
        left = due - self._clock()
        return left if left > LATE_ENOUGH else 0.0
