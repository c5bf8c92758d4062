"""Commands that come in by HTTP: to their topic, with an answer only when Kafka has them.

A caller that hears a problem does not know whether its command is there: it sends the same again, under the same id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.lane.postbox import Postbox, Undelivered
from app.web.problem import NOT_STORED, Problem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from aiohttp import web

    from app.lane.declare import Topic
    from app.lane.turn import Output
    from app.settings import Settings

DEADLINE: Final = 5.0  # seconds for Kafka to take a command


class Producing:
    """The producer of a worker's HTTP server. It connects with the first command, and closes with the server."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._postbox: Postbox | None = None

    async def connection(self, _: web.Application) -> AsyncIterator[None]:
        """Live as long as the server: one of aiohttp's cleanup contexts."""
        settings = self._settings
        self._postbox = Postbox(
            settings.kafka_url,
            f"{settings.app_id}-{settings.worker_id}-web",
            partitions=settings.partitions,
            largest=settings.max_record_bytes,
            request_timeout=settings.request_timeout,
            deadline=DEADLINE,
        )
        yield
        await self._postbox.close()

    async def send(self, topic: Topic, commands: Sequence[Output]) -> None:
        """Return when Kafka has all of these commands (key, value, headers). Raises the problem that it has not."""
        assert self._postbox is not None, "the server has not started"  # noqa: S101 - a fault of ours
        try:
            await self._postbox.deliver(topic.name, commands)
        except Undelivered as wrong:
            raise Problem(
                NOT_STORED,
                f"not acknowledged within {DEADLINE:g} s: {wrong}",
                headers={"Retry-After": "1"},
            ) from wrong
