"""Entity tags (RFC 9110, 8.8.3 and 13.1.2).

A tag is the version of the aggregate, so it is the same on every worker and after every rebuild.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aiohttp import hdrs

if TYPE_CHECKING:
    from aiohttp import web

_OPAQUE = re.compile(r'"[^"]*"')  # a tag without its W/: If-None-Match compares weakly


def etag(version: int) -> str:
    """Return the strong tag of a version."""
    return f'"{version}"'


def has_current(request: web.Request, tag: str) -> bool:
    """Return whether the client says (`If-None-Match`) that it holds what `tag` stands for."""
    held = request.headers.get(hdrs.IF_NONE_MATCH)
    if held is None:
        return False
    if held == tag:
        return True
    return any(
        line.strip() == "*" or tag in _OPAQUE.findall(line)
        for line in request.headers.getall(hdrs.IF_NONE_MATCH)
    )
