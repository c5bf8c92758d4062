"""Orders by status, and the work lists of a shop: whoever has waited longest comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from aiohttp import web

from app.domain.order.statuses import OrderStatus
from app.views import returns, worklists
from app.views.returns import ReturnList
from app.views.worklists import WORK_LISTS
from app.web.gathering import Found
from app.web.listing import List, cursor_of, limit_of, page
from app.web.parameters import Parameters, one_of
from app.web.problem import NO_SUCH_RESOURCE, Problem, Resource
from tables.returns import RETURN_WORK
from tables.worklists import ORDER_LIST_HEADS, ORDER_LISTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.web.gathering import Gathering
    from app.web.lanes import Reader, WebApp

OF_RETURNS: Final = {f"returns-{each.value}": each for each in ReturnList}
NAMES: Final = (*WORK_LISTS, *OF_RETURNS)


def routes(app: WebApp, gathering: Gathering) -> None:
    """Serve `/orders?status=`, `/work` and `/work/{list}`."""

    @app.page("/orders", base=Resource)
    async def orders(_: Any, request: web.Request) -> web.StreamResponse:
        asked = Parameters(request)
        status = asked.required("status", one_of(OrderStatus), OrderStatus.PLACED)
        limit, after = limit_of(asked), cursor_of(asked)
        return await page(request, gathering, asked, _of_orders(status), limit, after)

    @app.page("/work", base=Resource)
    async def work(_: Any, __: web.Request) -> web.Response:
        lists = [{"list": name, "href": f"/work/{name}"} for name in NAMES]
        return web.Response(body=msgspec.json.encode({"lists": lists}), content_type="application/json")

    @app.page("/work/{name}", base=Resource)
    async def work_list(_: Any, request: web.Request, name: str) -> web.StreamResponse:
        if name not in NAMES:
            raise Problem(NO_SUCH_RESOURCE, f"no work list has this name; there are {', '.join(NAMES)}")
        asked = Parameters(request)
        limit, after = limit_of(asked), cursor_of(asked)
        of = _of_returns(OF_RETURNS[name]) if name in OF_RETURNS else _of_orders(name)
        return await page(request, gathering, asked, of, limit, after)


def _of_orders(name: str) -> List:
    start = worklists.prefix(name)
    tables, until = (ORDER_LISTS, ORDER_LIST_HEADS), start[:-1] + b"\1"
    return List("orders", tables, start, until, _order, _from_head(start), also=(("list", name),))


def _from_head(of: bytes) -> Callable[[Sequence[Reader], bytes, bytes, int], Found]:
    """Return how to read a list from where it really begins."""

    def read(readers: Sequence[Reader], start: bytes, until: bytes, most: int) -> Found:
        rows, heads = readers
        head = heads.get(of)
        first = start if head is None else max(start, ORDER_LIST_HEADS.decode(head).first)
        return Found(rows.scan(first, until, most) if first < until else ())

    return read


def _of_returns(name: ReturnList) -> List:
    start = returns.prefix(name)
    return List(
        "returns", (RETURN_WORK,), start, start[:-1] + b"\1", _return, also=(("list", f"returns-{name}"),)
    )


def _order(_: bytes, row: bytes) -> dict[str, Any]:
    shown = msgspec.structs.asdict(ORDER_LISTS.decode(row))  # a stored row leaves its defaults out
    del shown["list"]
    return shown


def _return(_: bytes, row: bytes) -> dict[str, Any]:
    shown = msgspec.structs.asdict(RETURN_WORK.decode(row))
    del shown["list"]
    return shown
