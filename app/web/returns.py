"""A return and its events, from the committed rows of its partition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.views.returned import return_answer
from app.web.events import events_of, some
from app.web.parameters import Parameters
from app.web.problem import RETURN_UNKNOWN, Problem, Resource
from app.web.versioned import page_of
from tables.returns import RETURN_JOURNAL, RETURNS_TABLE

if TYPE_CHECKING:
    from aiohttp import web

    from app.web.lanes import WebApp
    from app.web.routing import Router


def routes(app: WebApp, router: Router) -> None:
    """Serve `/returns/{return_id}` and `/returns/{return_id}/events`."""

    @app.page("/returns/{return_id}", base=Resource)
    async def a_return(_: Any, request: web.Request, **__: str) -> web.StreamResponse:
        return await page_of(request, router, RETURNS_TABLE, "return_id", return_answer, _unknown)

    @app.page("/returns/{return_id}/events", base=Resource)
    async def return_events(_: Any, request: web.Request, **__: str) -> web.StreamResponse:
        asked = Parameters(request)
        key, which = asked.path_id("return_id").encode(), some(asked)
        asked.check()
        return await router.answer(
            request, key, RETURN_JOURNAL, lambda rows: events_of(request, rows, key, which, _unknown(key))
        )


def _unknown(key: bytes) -> Problem:
    return Problem(RETURN_UNKNOWN, f"no return {key.decode()} was asked for")
