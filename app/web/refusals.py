"""What becomes of a request that no command follows from: a dead letter with its bytes, its headers and its reason.

It carries the signature, too: to send it again, once its cause is mended, is to post value and headers as they are.
In place of a topic stands the path of the request, and partition and offset are -1.
"""

from __future__ import annotations

import gzip
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from aiohttp import web
from msgspec import Struct

from app.lane.dead_letters import dead_letter
from app.lane.declare import Record

if TYPE_CHECKING:
    from app.lane.turn import Output
    from app.settings import Settings

_AGENT: Final = "intake"
_SAID: Final = (b"content-type", b"stripe-signature", b"x-shopify-", b"x-wc-")


class Moment(Struct, frozen=True):
    """When a request is buried."""

    now: str  # RFC 3339


def refused(request: web.Request, body: bytes, wrong: Exception, settings: Settings) -> Output:
    """Return the record to send to the dead letters. Raises HTTP 413 for what no record can hold."""
    limit, now = settings.max_record_bytes, time.time()
    headers = [
        (name.decode("ascii").lower(), value)
        for name, value in request.raw_headers
        if name.lower().startswith(_SAID)
    ]
    if len(body) > limit // 2:
        body = gzip.compress(body, mtime=0)
        headers.append(("content-encoding", b"gzip"))
    record = Record(request.path, -1, -1, int(now * 1000), None, body, headers)
    at = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    letter = dead_letter(Moment(at), record, _AGENT, settings.worker_id, wrong, attempt=1, limit=limit)
    if letter[1] != body:  # it would point to where nothing lies
        raise web.HTTPRequestEntityTooLarge(max_size=limit, actual_size=len(body))
    return letter
