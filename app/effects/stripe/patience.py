"""How long and how often an API is asked: time-outs, repetitions with growing and random pauses, a circuit breaker.

tenacity repeats: it is the field's library for it, is released often, and takes its clock and its randomness from
us. purgatory breaks the circuit: of those that are made for asyncio it is the one with types and with releases since
2021. The breaker counts attempts inside the repetitions, so that a dead API is left alone in the middle of them.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from msgspec import Struct
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import ExcludeType, OpenedState
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from app.effects.provider import Denied, Unavailable
from app.effects.stripe.answers import Again

Answer = TypeVar("Answer")


class Patience(Struct, frozen=True, kw_only=True):
    """In seconds, but for `attempts` and `failures`."""

    connect: float = 5.0
    answer: float = 30.0  # of one attempt; the API's own limit is longer, and it answers most within one
    attempts: int = 6
    first_pause: float = 0.25  # the pauses are random up to 0.25, 0.5, 1, 2, 4: full jitter
    longest_pause: float = 10.0
    failures: int = 8  # in a row open the circuit
    rest: float = 15.0  # for which it stays open


class Patient:
    """Repeats attempts while they raise `Again`, and gives up with `Unavailable`."""

    def __init__(self, name: str, patience: Patience) -> None:
        self._name = name
        self._patience = patience
        # An API that is busy or refuses us is well, and a worker that is stopped says nothing about it.
        excluded: ExcludeType = [asyncio.CancelledError, Denied, (Again, lambda again: again.busy)]
        self._breakers = AsyncCircuitBreakerFactory(
            default_threshold=patience.failures, default_ttl=patience.rest, exclude=excluded
        )

    async def repeat(self, attempt: Callable[[], Awaitable[Answer]]) -> Answer:
        """Return the first answer. Raises `Unavailable` when there was none, or while the circuit is open."""
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(Again),
            stop=stop_after_attempt(self._patience.attempts),
            wait=self._pause,
            reraise=True,
        )
        try:
            return await retrying(self._guarded, attempt)
        except Again as last:
            raise Unavailable(f"{self._name}: {last}", after=last.after) from last
        except OpenedState as opened:
            raise Unavailable(f"{self._name}: {opened}", after=self._patience.rest) from opened

    async def _guarded(self, attempt: Callable[[], Awaitable[Answer]]) -> Answer:
        async with await self._breakers.get_breaker(self._name):
            return await attempt()

    def _pause(self, state: RetryCallState) -> float:
        """Pause as long as the API asks, within reason, or a random while that grows."""
        grown = wait_random_exponential(self._patience.first_pause, self._patience.longest_pause)(state)
        last = state.outcome.exception() if state.outcome else None
        asked = last.after if isinstance(last, Again) and last.after else 0.0
        return max(grown, min(asked, self._patience.longest_pause))
