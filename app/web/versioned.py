"""One aggregate, from its committed row. Its version is its strong ETag: nothing is decoded for who has it already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from app.web.conditional import etag, has_current
from app.web.events import CACHE_CONTROL

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.web.lanes import Reader
    from app.web.problem import Problem


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
