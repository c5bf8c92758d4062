"""All that the HTTP server of a worker serves, on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web
from faust.web.drivers.aiohttp import Web

from app.settings import Settings, load
from app.web import (
    carts,
    commands,
    customers,
    health,
    order_lists,
    orders,
    processes,
    returns,
    shops,
    stock,
    timeline,
    totals,
    webhooks,
)
from app.web.gathering import Gathering
from app.web.problem import KINDS, NO_SUCH_RESOURCE, Problem, Resource, problems
from app.web.producing import Producing
from app.web.routing import Router

if TYPE_CHECKING:
    from app.web.lanes import WebApp


def routes(app: WebApp, settings: Settings | None = None) -> None:
    """Add every resource to the app's web server, and make problems of all its errors."""
    settings = settings or load()
    server = app.web
    if not isinstance(server, Web):
        raise TypeError(f"Faust's aiohttp driver is needed, not {server!r}")
    router = Router(app.lanes, str(app.conf.canonical_url))
    server.web_app.middlewares.append(problems)
    server.web_app.cleanup_ctx.append(router.forwarder.connections)
    producing = Producing(settings)
    server.web_app.cleanup_ctx.append(producing.connection)
    orders.routes(app, router)
    customers.routes(app, router)
    gathering = Gathering(router)
    order_lists.routes(app, gathering)
    totals.routes(app, gathering)
    processes.routes(app, router, gathering)
    timeline.routes(app, router)
    stock.routes(app, router)
    returns.routes(app, router)
    carts.routes(app, router)
    commands.routes(app, router)
    health.routes(app, settings.stuck_after)
    webhooks.routes(server.web_app, router, producing, settings)
    shops.routes(server.web_app, producing, settings)
    _problem_kinds(app)


def _problem_kinds(app: WebApp) -> None:
    @app.page("/problems/{code}", base=Resource)
    async def problem_kind(_: Any, __: web.Request, code: str) -> web.Response:
        kind = KINDS.get(code)
        if kind is None:
            raise Problem(NO_SUCH_RESOURCE, f"no problem has the code {code}")
        return web.Response(text=f"{kind.title} ({kind.status:d} {kind.code})\n\n{kind.meaning}\n")
