"""A cart: which order it became, from the committed row of its partition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from app.web.parameters import Parameters
from app.web.problem import CART_UNKNOWN, Problem, Resource
from app.web.versioned import answer_of
from tables.carts import CARTS_TABLE

if TYPE_CHECKING:
    from aiohttp import web

    from app.web.lanes import WebApp
    from app.web.routing import Router


def routes(app: WebApp, router: Router) -> None:
    """Serve `/carts/{cart_id}`."""

    @app.page("/carts/{cart_id}", base=Resource)
    async def cart(_: Any, request: web.Request, **__: str) -> web.StreamResponse:
        asked = Parameters(request)
        cart_id = asked.path_id("cart_id")
        asked.check()
        unknown = Problem(CART_UNKNOWN, f"no order was placed for a cart {cart_id}")
        key = cart_id.encode()
        return await router.answer(
            request, key, CARTS_TABLE, lambda rows: answer_of(request, rows, key, _cart, unknown)
        )


def _cart(row: bytes) -> dict[str, Any]:
    return msgspec.structs.asdict(CARTS_TABLE.decode(row))
