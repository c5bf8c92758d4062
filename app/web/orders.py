"""An order, its events, its payments and what is reserved for it, from the committed rows of its partition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from app.views.ledger import ledger_answer
from app.views.order import order_answer
from app.web.events import events_of, some
from app.web.listing import List, cursor_of, limit_of, page_of_one
from app.web.parameters import Parameters
from app.web.problem import ORDER_UNKNOWN, Problem, Resource
from app.web.versioned import page_of
from tables.journal import JOURNAL
from tables.orders import ORDERS
from tables.stock import RESERVATIONS

if TYPE_CHECKING:
    from aiohttp import web

    from app.web.lanes import WebApp
    from app.web.routing import Router


def routes(app: WebApp, router: Router) -> None:
    """Serve `/orders/{order_id}`, and under it `events`, `payments` and `reservations`."""

    @app.page("/orders/{order_id}", base=Resource)
    async def order(_: Any, request: web.Request, **__: str) -> web.StreamResponse:
        return await page_of(request, router, ORDERS, "order_id", order_answer, _unknown)

    @app.page("/orders/{order_id}/events", base=Resource)
    async def order_events(_: Any, request: web.Request, **__: str) -> web.StreamResponse:
        asked = Parameters(request)
        order_id, which = asked.path_id("order_id"), some(asked)
        asked.check()
        key = order_id.encode()
        return await router.answer(
            request, key, JOURNAL, lambda rows: events_of(request, rows, key, which, _unknown(key))
        )

    @app.page("/orders/{order_id}/payments", base=Resource)
    async def order_payments(_: Any, request: web.Request, **__: str) -> web.StreamResponse:
        return await page_of(request, router, ORDERS, "order_id", ledger_answer, _unknown)

    @app.page("/orders/{order_id}/reservations", base=Resource)
    async def order_reservations(_: Any, request: web.Request, **__: str) -> web.StreamResponse:
        asked = Parameters(request)
        order_id, limit, after = asked.path_id("order_id"), limit_of(asked), cursor_of(asked)
        start = f"{order_id}\0".encode()
        of = List("reservations", (RESERVATIONS,), start, start[:-1] + b"\1", _reservation)
        return await page_of_one(request, router, asked, of, order_id.encode(), limit, after)


def _reservation(_: bytes, row: bytes) -> dict[str, Any]:
    return msgspec.structs.asdict(RESERVATIONS.decode(row))


def _unknown(key: bytes) -> Problem:
    return Problem(ORDER_UNKNOWN, f"no order {key.decode()} was placed")
