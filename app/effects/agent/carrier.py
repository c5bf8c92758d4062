"""One movement, from its event to the commands that tell what came of it.

At least once from here, and once in effect: the provider's key, the look-up where keys are forgotten, and the ids of
the commands are functions of the event. So whoever carries a movement again, after a crash or beside a worker that
was thought dead, moves no money and tells nothing new.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from app.effects.agent.movement import Movement, commands_of
from app.effects.agent.providers import Outside, named
from app.effects.provider import Denied, Unavailable, perform
from app.lane.dead_letters import dead_letter
from app.lane.postbox import Undelivered
from app.topics import DEAD_LETTERS, ORDER_COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from app.effects.provider import Facts
    from app.lane.declare import Record
    from app.lane.postbox import Postbox
    from app.lane.turn import Output

KEYS_LAST: Final = (
    23 * 3600.0
)  # seconds: providers forget keys after 24 h, and an hour is for their clock and ours
NAME: Final = "effects"

log = logging.getLogger(__name__)


class Moment(Struct, frozen=True):
    """When a record is buried."""

    now: str  # RFC 3339


class Pauses(Struct, frozen=True, kw_only=True):
    """In seconds. Random up to `first`, twice that, and so on up to `longest`; as long as a provider asks, at least."""

    first: float = 1.0
    longest: float = 60.0


class Carrier:
    """Carries movements, at most `calls` at a time to one provider."""

    def __init__(
        self,
        providers: Mapping[str, Outside],
        postbox: Postbox,
        *,
        calls: int,
        worker: str,
        largest: int,
        pauses: Pauses | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._providers = providers
        self._postbox = postbox
        self._slots: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(calls))
        self._worker = worker
        self._largest = largest
        self._pauses = pauses or Pauses()
        self._clock = clock

    async def carry(self, record: Record, movement: Movement) -> None:
        """Return when a movement is made and told, or buried where no repetition can help."""
        try:
            facts = await self._repeated(Unavailable, movement.call.key, self._make, record, movement)
        except Exception as wrong:
            log.exception("%s: dead letter, not made: %s", movement.event_id, movement.call.key)
            topic, letters = DEAD_LETTERS.name, [self._letter(record, wrong)]
            where: int | None = record.partition
        else:
            topic, letters, where = ORDER_COMMANDS.name, commands_of(movement, facts, self._clock()), None
        if letters:
            deliver = self._postbox.deliver
            await self._repeated(Undelivered, movement.event_id, deliver, topic, letters, where)

    async def _make(self, record: Record, movement: Movement) -> Facts:
        call = movement.call
        provider = named(self._providers, call.provider)
        async with self._slots[call.provider]:
            if self._clock().timestamp() - record.timestamp / 1000 > KEYS_LAST:
                known = await provider.found(call)
                if known is not None:
                    return known
            return await perform(provider, call)

    async def _repeated(
        self, kind: type[Unavailable | Undelivered], what: str, attempt: Callable[..., Any], *args: Any
    ) -> Any:
        """Repeat an attempt while it fails like this. A pause holds no slot: other orders go on."""

        def tell(state: RetryCallState) -> None:
            wrong = state.outcome.exception() if state.outcome else None
            pause = state.next_action.sleep if state.next_action else 0.0
            level = (
                logging.ERROR if isinstance(wrong, Denied) else logging.WARNING
            )  # only a person can mend it
            log.log(level, "%s: %s; attempt %s in %.1f s", what, wrong, state.attempt_number + 1, pause)

        retrying = AsyncRetrying(
            retry=retry_if_exception_type(kind), wait=self._pause, before_sleep=tell, reraise=True
        )
        return await retrying(attempt, *args)

    def _pause(self, state: RetryCallState) -> float:
        grown: float = wait_random_exponential(self._pauses.first, self._pauses.longest)(state)
        last = state.outcome.exception() if state.outcome else None
        asked = last.after if isinstance(last, Unavailable) and last.after else 0.0
        return max(grown, min(asked, self._pauses.longest))

    def _letter(self, record: Record, wrong: Exception) -> Output:
        now = self._clock().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return dead_letter(Moment(now), record, NAME, self._worker, wrong, attempt=1, limit=self._largest)
