"""An order and its events, from the committed rows of the partition that owns it.

Both carry the version of the order as a strong ETag. Events are the stored bytes, joined; nothing encodes
them again, so topic, journal and HTTP agree to the byte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from app.views.order import order_answer
from app.web.conditional import etag, has_current
from app.web.parameters import Parameters, whole_number
from app.web.problem import ORDER_UNKNOWN, Problem, Resource
from app.wire.events import journal_key
from tables.journal import JOURNAL
from tables.orders import ORDERS

if TYPE_CHECKING:
    from app.web.lanes import Reader, WebApp
    from app.web.routing import Router

CACHE_CONTROL = "private, no-cache"  # keep it, but ask (cheaply, by ETag) before each use
EVENTS_AT_ONCE = 1000  # a longer history is read in pages
LAST_VERSION = 2**31 - 1
_BEHIND = b"\1"  # sorts after the separator of every journal key


class _Version(msgspec.Struct):
    version: int


_encode = msgspec.json.Encoder().encode
_version = msgspec.json.Decoder(_Version)  # reads one member and skips the rest: what a 304 needs


def routes(app: WebApp, router: Router) -> None:
    """Serve `/orders/{order_id}` and `/orders/{order_id}/events`."""

    @app.page("/orders/{order_id}", base=Resource)
    async def order(_: Any, request: web.Request, **__: str) -> web.StreamResponse:
        asked = Parameters(request)
        order_id = asked.path_id("order_id")
        asked.check()
        key = order_id.encode()
        return await router.answer(request, key, ORDERS, lambda rows: _order(request, rows, key))

    @app.page("/orders/{order_id}/events", base=Resource)
    async def order_events(_: Any, request: web.Request, **__: str) -> web.StreamResponse:
        asked = Parameters(request)
        order_id = asked.path_id("order_id")
        after = asked.query("after", whole_number(0, LAST_VERSION), 0)
        limit = asked.query("limit", whole_number(1, EVENTS_AT_ONCE), EVENTS_AT_ONCE)
        asked.check()
        key = order_id.encode()
        return await router.answer(
            request, key, JOURNAL, lambda rows: _events(request, rows, key, after, limit)
        )


def _order(request: web.Request, rows: Reader, key: bytes) -> web.Response:
    row = rows.get(key)
    if row is None:
        raise _unknown(key)
    headers = {"ETag": etag(_version.decode(row).version), "Cache-Control": CACHE_CONTROL}
    if has_current(request, headers["ETag"]):
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = "application/json"
    return web.Response(body=_encode(order_answer(ORDERS.decode(row))), headers=headers)


def _events(request: web.Request, rows: Reader, key: bytes, after: int, limit: int) -> web.Response:
    behind = key + _BEHIND
    found = rows.scan(journal_key(key, after + 1), behind, limit)
    if not found and not rows.scan(journal_key(key, 0), behind, 1):
        raise _unknown(key)
    last = int.from_bytes(found[-1][0][-8:], "big") if found else after
    headers = {"ETag": etag(last), "Cache-Control": CACHE_CONTROL}
    if len(found) == limit:
        headers["Link"] = f'<{request.rel_url.raw_path}?after={last}&limit={limit}>; rel="next"'
    if has_current(request, headers["ETag"]):
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = "application/cloudevents-batch+json"
    return web.Response(body=b"[" + b",".join(event for _, event in found) + b"]", headers=headers)


def _unknown(key: bytes) -> Problem:
    return Problem(ORDER_UNKNOWN, f"no order {key.decode()} was placed")
