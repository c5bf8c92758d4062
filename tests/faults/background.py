"""An event loop in a thread of its own: loader and readers go on while the nemesis waits and kills."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

Result = TypeVar("Result")


class Background:
    """`run` executes a coroutine in the loop and waits for its result, `call` a plain function."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="background", daemon=True)

    def run(self, what: Coroutine[Any, Any, Result], deadline: float | None = None) -> Result:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(deadline)

    def call(self, what: Callable[[], Result]) -> Result:
        async def within() -> Result:
            return what()

        return self.run(within())

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.run(_end_the_rest())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _end_the_rest() -> None:
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
