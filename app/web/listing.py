"""Pages of a list that lies on all partitions, or on one, as HTTP shows them.

The cursor is the key of the last row of a page, not a count: rows that come or go between two pages neither hide nor
repeat one that was there at the first. `missing` are partitions that could not be read: ask for the same page again.
"""

from __future__ import annotations

from base64 import b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
from aiohttp import web

from app.web.gathering import Found, Gathered, Wanted
from app.web.parameters import whole_number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.lane.declare import AnyTable
    from app.web.gathering import Gathering
    from app.web.lanes import Reader
    from app.web.parameters import Parameters
    from app.web.routing import Router

A_PAGE: Final = 50
MOST: Final = 200
MISSING: Final = "Orderlane-Missing"  # on an answer: partitions that are not in it


def scan(readers: Sequence[Reader], start: bytes, until: bytes, most: int) -> Found:
    """Read the one table of a list as it lies."""
    return Found(readers[0].scan(start, until, most))


def the_first(one: bytes, _other: bytes) -> bytes:
    """Keep one of two rows: no key of this list is on two partitions."""
    return one


class List(NamedTuple):
    """A list: its name in the answer, the tables that it is read from, the range of its keys, how a row is shown.

    `also`: further members of the answer.
    """

    name: str
    tables: tuple[AnyTable, ...]
    start: bytes
    until: bytes
    show: Callable[[bytes, bytes], Any]
    read: Callable[[Sequence[Reader], bytes, bytes, int], Found] = scan
    add: Callable[[bytes, bytes], bytes] = the_first
    also: tuple[tuple[str, Any], ...] = ()


def limit_of(asked: Parameters) -> int:
    """Return how many rows a page has."""
    return asked.query("limit", whole_number(1, MOST), A_PAGE)


def cursor_of(asked: Parameters) -> bytes:
    """Return the key after which a page begins; nothing: with the first row."""
    return asked.query("cursor", _key, b"")


async def page(
    request: web.Request, gathering: Gathering, asked: Parameters, of: List, limit: int, after: bytes
) -> web.StreamResponse:
    """Answer with a page of all partitions, or with our part of it for another worker. Checks what was asked."""
    wanted = _wanted(asked, of, limit, after)
    part = await gathering.part(request, wanted)
    if part is not None:
        return part
    gathered = await gathering.gather(request, wanted)
    return _answer(request, of, gathered, limit)


async def page_of_one(
    request: web.Request, router: Router, asked: Parameters, of: List, key: bytes, limit: int, after: bytes
) -> web.StreamResponse:
    """Answer with a page of a list that lies on the partition of `key`. Checks what was asked."""
    wanted = _wanted(asked, of, limit, after)

    def read(rows: Reader) -> web.Response:
        gathered = Gathered(wanted, ())
        gathered.add(wanted.read([rows], wanted.start, wanted.until, wanted.most), ())
        return _answer(request, of, gathered, limit)

    return await router.answer(request, key, of.tables[0], read)


def require_place(asked: Parameters, after: bytes, start: bytes, until: bytes) -> None:
    """Note a cursor that no page of this list gave out."""
    if after and not start <= after < until:
        asked.fault("cursor", "is not one that a page of this list gave out")


def next_page(request: web.Request, cursor: str) -> str:
    """Return the `Link` header that leads on: the same request, with a cursor."""
    return f'<{request.rel_url.update_query(cursor=cursor).raw_path_qs}>; rel="next"'


def _wanted(asked: Parameters, of: List, limit: int, after: bytes) -> Wanted:
    require_place(asked, after, of.start, of.until)
    asked.check()
    start = after + b"\0" if after else of.start
    return Wanted(of.tables, start, of.until, limit + 1, of.read, of.add)


def _answer(request: web.Request, of: List, gathered: Gathered, limit: int) -> web.Response:
    rows = gathered.rows()
    shown, missing = rows[:limit], sorted(gathered.missing)
    last = shown[-1][0] if len(rows) > limit else gathered.upto
    headers = {"Content-Type": "application/json", "Cache-Control": "private, no-cache"}
    cursor = None if last is None else as_cursor(last)
    if cursor is not None:
        headers["Link"] = next_page(request, cursor)
    if missing:
        headers |= {MISSING: ",".join(map(str, missing)), "Cache-Control": "no-store"}
    body = dict(of.also) | {of.name: [of.show(*row) for row in shown], "next": cursor, "missing": missing}
    return web.Response(body=msgspec.json.encode(body), headers=headers)


def as_cursor(key: bytes) -> str:
    return urlsafe_b64encode(key).rstrip(b"=").decode()


def _key(cursor: str) -> bytes:
    try:
        key = b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except ValueError:
        key = b""
    if not key or as_cursor(key) != cursor:
        raise ValueError("is not one that a page of a list gave out")
    return key
