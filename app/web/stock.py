"""How much of a SKU there is: in all warehouses and in each, from the index that lies on the SKU's partition.

It is public: whoever caches it may be some seconds behind, as the index itself is a moment behind the stock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from aiohttp import web

from app.views.stock import Availability, availability_prefix
from app.web.listing import as_cursor, cursor_of, limit_of, next_page, require_place
from app.web.parameters import Parameters
from app.web.problem import STOCK_UNKNOWN, Problem, Resource
from tables.stock import AVAILABILITY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.web.lanes import Reader, WebApp
    from app.web.routing import Router

SUMS: Final = ("on_hand", "reserved", "backordered", "available", "free", "open_reservations")
_CHUNK: Final = 500  # rows that are read at a time
_HEADERS: Final = {
    "Content-Type": "application/json",
    "Cache-Control": "no-cache",
    "CDN-Cache-Control": "max-age=5, stale-while-revalidate=30",
}


def routes(app: WebApp, router: Router) -> None:
    """Serve `/stock/{sku}` and `/stock/{sku}/{warehouse}`."""

    @app.page("/stock/{sku}", base=Resource)
    async def stock(_: Any, request: web.Request, **__: str) -> web.StreamResponse:
        asked = Parameters(request)
        sku, limit, after = asked.path_id("sku"), limit_of(asked), cursor_of(asked)
        require_place(asked, after, *_range(sku))
        asked.check()
        return await router.answer(
            request, sku.encode(), AVAILABILITY, lambda rows: _whole(request, rows, sku, limit, after)
        )

    @app.page("/stock/{sku}/{warehouse}", base=Resource)
    async def stock_there(_: Any, request: web.Request, **__: str) -> web.StreamResponse:
        asked = Parameters(request)
        sku, warehouse = asked.path_id("sku"), asked.path_id("warehouse", 3)
        asked.check()
        return await router.answer(
            request, sku.encode(), AVAILABILITY, lambda rows: _there(rows, sku, warehouse)
        )


def _whole(request: web.Request, rows: Reader, sku: str, limit: int, after: bytes) -> web.Response:
    """Answer with the sums of all warehouses, and a page of them."""
    sums, page, more = dict.fromkeys(SUMS, 0), list[tuple[bytes, Availability]](), False
    seen = False
    for key, row in _rows(rows, sku):
        seen = True
        for name in SUMS:
            sums[name] += getattr(row, name)
        if key > after:
            if len(page) < limit:
                page.append((key, row))
            else:
                more = True
    if not seen:
        raise _unknown(f"of {sku}")
    cursor = as_cursor(page[-1][0]) if more else None
    headers = dict(_HEADERS)
    if cursor is not None:
        headers["Link"] = next_page(request, cursor)
    warehouses = [_shown(row) for _, row in page]
    body = {"sku": sku} | sums | {"warehouses": warehouses, "next": cursor}
    return web.Response(body=msgspec.json.encode(body), headers=headers)


def _there(rows: Reader, sku: str, warehouse: str) -> web.Response:
    row = rows.get(availability_prefix(sku) + warehouse.encode())
    if row is None:
        raise _unknown(f"of {sku} in {warehouse}")
    body = {"sku": sku} | _shown(AVAILABILITY.decode(row))
    return web.Response(body=msgspec.json.encode(body), headers=_HEADERS)


def _shown(row: Availability) -> dict[str, Any]:
    shown = msgspec.structs.asdict(row)
    del shown["sku"]
    return shown


def _range(sku: str) -> tuple[bytes, bytes]:
    start = availability_prefix(sku)
    return start, start[:-1] + b"\1"


def _rows(rows: Reader, sku: str) -> Iterator[tuple[bytes, Availability]]:
    start, until = _range(sku)
    while True:
        found = rows.scan(start, until, _CHUNK)
        yield from ((key, AVAILABILITY.decode(row)) for key, row in found)
        if len(found) < _CHUNK:
            return
        start = found[-1][0] + b"\0"


def _unknown(what: str) -> Problem:
    return Problem(STOCK_UNKNOWN, f"nobody has said that there is any stock {what}")
