"""A customer's orders, newest first, in pages.

The cursor is the place of the last order of a page (when it was placed, and its id), not a count: orders that
come or change between two pages neither hide nor repeat one that was there at the first.
"""

from __future__ import annotations

from base64 import b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from app.views.customer_orders import after, prefix
from app.web.parameters import Parameters, well_formed_id, whole_number
from app.web.problem import Resource
from tables.customer_orders import CUSTOMER_ORDERS

if TYPE_CHECKING:
    from app.web.lanes import Reader, WebApp
    from app.web.routing import Router

A_PAGE = 50
MOST = 200
_SEPARATOR = b"\0"
_PLACED_AT = 8  # bytes


def routes(app: WebApp, router: Router) -> None:
    """Serve `/customers/{customer_id}/orders?limit=&cursor=`."""

    @app.page("/customers/{customer_id}/orders", base=Resource)
    async def customer_orders(_: Any, request: web.Request, **__: str) -> web.StreamResponse:
        asked = Parameters(request)
        customer_id = asked.path_id("customer_id")
        limit = asked.query("limit", whole_number(1, MOST), A_PAGE)
        place = asked.query("cursor", _place, b"")
        asked.check()
        return await router.answer(
            request,
            customer_id.encode(),
            CUSTOMER_ORDERS,
            lambda rows: _page(request, rows, customer_id, limit, place),
        )


def _page(request: web.Request, rows: Reader, customer_id: str, limit: int, place: bytes) -> web.Response:
    start = prefix(customer_id)
    behind = place + _SEPARATOR if place else b""  # the first key that sorts after the place
    found = rows.scan(start + behind, after(customer_id), limit + 1)
    page = found[:limit]
    headers = {"Content-Type": "application/json", "Cache-Control": "private, no-cache"}
    cursor = None
    if len(found) > limit:
        cursor = _cursor(page[-1][0].removeprefix(start))
        headers["Link"] = f'<{request.rel_url.raw_path}?limit={limit}&cursor={cursor}>; rel="next"'
    # asdict: a stored row leaves its defaults out, an answer does not.
    orders = [msgspec.structs.asdict(CUSTOMER_ORDERS.decode(row)) for _, row in page]
    return web.Response(body=msgspec.json.encode({"orders": orders, "next": cursor}), headers=headers)


def _cursor(place: bytes) -> str:
    return urlsafe_b64encode(place).rstrip(b"=").decode()


def _place(cursor: str) -> bytes:
    """Return the place that a cursor stands for. Raises ValueError for what no page has given out."""
    try:
        place = b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        well_formed_id(place[_PLACED_AT + 1 :].decode())
    except ValueError:
        place = b""
    if place[_PLACED_AT : _PLACED_AT + 1] != _SEPARATOR or _cursor(place) != cursor:
        raise ValueError("is not one that a page of orders gave out")
    return place
