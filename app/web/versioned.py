"""One aggregate, from its committed row. Its version is its strong ETag: nothing is decoded for who has it already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from app.web.conditional import etag, has_current
from app.web.events import CACHE_CONTROL
from app.web.parameters import Parameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.lane.declare import Table
    from app.web.lanes import Reader
    from app.web.problem import Problem
    from app.web.routing import Router


class _Version(msgspec.Struct):
    version: int


_encode = msgspec.json.Encoder().encode
_version = msgspec.json.Decoder(_Version)  # reads one member and skips the rest: what a 304 needs


def answer_of(
    request: web.Request, rows: Reader, key: bytes, answer: Callable[[bytes], Any], unknown: Problem
) -> web.Response:
    """Answer with what `answer` makes of a row. Raises `unknown` if there is none."""
    row = rows.get(key)
    if row is None:
        raise unknown
    headers = {"ETag": etag(_version.decode(row).version), "Cache-Control": CACHE_CONTROL}
    if has_current(request, headers["ETag"]):
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = "application/json"
    return web.Response(body=_encode(answer(row)), headers=headers)


async def page_of(
    request: web.Request,
    router: Router,
    table: Table[Any],
    name: str,
    answer: Callable[[Any], Any],
    unknown: Callable[[bytes], Problem],
) -> web.StreamResponse:
    """Answer, at the owner, with what `answer` makes of the row that the path names by this parameter."""
    asked = Parameters(request)
    key = asked.path_id(name).encode()
    asked.check()
    return await router.answer(
        request,
        key,
        table,
        lambda rows: answer_of(request, rows, key, lambda row: answer(table.decode(row)), unknown(key)),
    )
