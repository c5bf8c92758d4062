"""A cart: which order it became, from the committed row of its partition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from app.web.problem import CART_UNKNOWN, Problem, Resource
from app.web.versioned import page_of
from tables.carts import CARTS_TABLE

if TYPE_CHECKING:
    from aiohttp import web

    from app.web.lanes import WebApp
    from app.web.routing import Router


def routes(app: WebApp, router: Router) -> None:
    """Serve `/carts/{cart_id}`."""

    @app.page("/carts/{cart_id}", base=Resource)
    async def cart(_: Any, request: web.Request, **__: str) -> web.StreamResponse:
        return await page_of(request, router, CARTS_TABLE, "cart_id", msgspec.structs.asdict, _unknown)


def _unknown(key: bytes) -> Problem:
    return Problem(CART_UNKNOWN, f"no order was placed for a cart {key.decode()}")
