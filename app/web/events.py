"""The events of one aggregate: the stored bytes, joined; nothing encodes them again, so that topic, journal and HTTP
agree to the byte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from aiohttp import web

from app.web.conditional import etag, has_current
from app.web.parameters import whole_number
from app.wire.events import journal_key

if TYPE_CHECKING:
    from app.web.lanes import Reader
    from app.web.parameters import Parameters
    from app.web.problem import Problem

CACHE_CONTROL: Final = "private, no-cache"  # keep it, but ask (cheaply, by ETag) before each use
EVENTS_AT_ONCE: Final = 1000  # a longer history is read in pages
LAST_VERSION: Final = 2**31 - 1
_BEHIND: Final = b"\1"  # sorts after the separator of every journal key


class Some(NamedTuple):
    """Which events are asked for: at most `limit` after a version."""

    after: int
    limit: int


def some(asked: Parameters) -> Some:
    """Return which events are asked for."""
    after = asked.query("after", whole_number(0, LAST_VERSION), 0)
    return Some(after, asked.query("limit", whole_number(1, EVENTS_AT_ONCE), EVENTS_AT_ONCE))


def events_of(request: web.Request, rows: Reader, key: bytes, asked: Some, unknown: Problem) -> web.Response:
    """Answer with events from a journal. The tag is the version of the last one. Raises `unknown` if there is none."""
    after, limit = asked
    behind = key + _BEHIND
    found = rows.scan(journal_key(key, after + 1), behind, limit)
    if not found and not rows.scan(journal_key(key, 0), behind, 1):
        raise unknown
    last = int.from_bytes(found[-1][0][-8:], "big") if found else after
    headers = {"ETag": etag(last), "Cache-Control": CACHE_CONTROL}
    if len(found) == limit:
        headers["Link"] = f'<{request.rel_url.raw_path}?after={last}&limit={limit}>; rel="next"'
    if has_current(request, headers["ETag"]):
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = "application/cloudevents-batch+json"
    return web.Response(body=b"[" + b",".join(event for _, event in found) + b"]", headers=headers)
