"""One request, passed on to the worker that owns its data, and that worker's answer, passed back.

Method, path, query, headers and body arrive as they came, and so does the answer, to the byte; only what concerns
one connection is left out. A request that may have had an effect is never sent twice.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
    hdrs,
    web,
)
from multidict import CIMultiDict
from yarl import URL

from app.web.problem import OWNER_LOST, Problem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

CONNECTIONS: Final = 256  # to the other workers together
WHOLE: Final = 256 * 1024  # bytes up to which an answer is taken whole before any of it is passed on

HOP: Final = "Orderlane-Hop"  # on a forwarded request
NOT_OWNER: Final = "Orderlane-Not-Owner"  # on the answer of a worker that the request should not have reached

# RFC 9110, 7.6.1: what concerns one connection only. Host and Content-Length are made anew for the next one.
_ONE_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_NOT_REPEATED = _ONE_HOP | {"host", "content-length", "expect"}
_SAFE = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS})
_THERE: dict[int, bool] = {HTTPStatus.OK: True, HTTPStatus.NOT_MODIFIED: True, HTTPStatus.NOT_FOUND: False}
_NO_COPIES = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")  # that aiohttp would add


class Forwarder:
    """The connections to the other workers."""

    def __init__(self) -> None:
        self._session: ClientSession | None = None

    async def connections(self, _: web.Application) -> AsyncIterator[None]:
        """Hold the connections to other workers while the web server runs: an aiohttp cleanup context."""
        connector = TCPConnector(limit=CONNECTIONS)
        self._session = ClientSession(
            connector=connector,
            auto_decompress=False,
            cookie_jar=DummyCookieJar(),
            skip_auto_headers=_NO_COPIES,
            timeout=ClientTimeout(total=None),
        )
        yield
        await self._session.close()

    async def forward(
        self, request: web.Request, owner: str, body: bytes | None, seconds: float
    ) -> web.StreamResponse | None:
        """Return the answer of another worker, None when it gave none and the request may be repeated."""
        assert self._session is not None, "the web server has started"  # noqa: S101 - states the life cycle
        url = URL(owner.rstrip("/") + request.rel_url.raw_path_qs, encoded=True)
        headers = _passed_on(request.raw_headers, _NOT_REPEATED)
        headers[HOP] = "1"
        try:
            async with asyncio.timeout(seconds):
                upstream = await self._session.request(
                    request.method, url, headers=headers, data=body, allow_redirects=False
                )
                if NOT_OWNER in upstream.headers:
                    upstream.release()
                    return None
                if _is_small(upstream):
                    return await _whole(request, upstream)
        except ClientConnectorError:
            return None
        except (ClientError, TimeoutError):
            if request.method in _SAFE:
                return None
            raise Problem(OWNER_LOST, f"the worker at {owner} did not answer") from None
        return await _streamed(request, upstream)

    async def has(self, owner: str, path: str, seconds: float) -> bool | None:
        """Return whether another worker has what is at `path`, None when it cannot tell."""
        assert self._session is not None, "the web server has started"  # noqa: S101 - states the life cycle
        url = URL(owner.rstrip("/") + path, encoded=True)
        try:
            async with (
                asyncio.timeout(seconds),
                # Whoever has it at all answers 304, without a body.
                self._session.get(url, headers={HOP: "1", hdrs.IF_NONE_MATCH: "*"}) as answer,
            ):
                return _THERE.get(answer.status)
        except (ClientError, TimeoutError):
            return None

    async def ask(self, owner: str, path_qs: str, headers: dict[str, str], seconds: float) -> bytes | None:
        """Return what another worker answers to a question of our own, None when it has no good answer in time."""
        assert self._session is not None, "the web server has started"  # noqa: S101 - states the life cycle
        url = URL(owner.rstrip("/") + path_qs, encoded=True)
        try:
            async with asyncio.timeout(seconds), self._session.get(url, headers=headers) as answer:
                return await answer.read() if answer.status == HTTPStatus.OK else None
        except (ClientError, TimeoutError):
            return None


def _passed_on(raw: Iterable[tuple[bytes, bytes]], without: frozenset[str]) -> CIMultiDict[str]:
    """Return the headers that go on, with the spelling that they came with."""
    headers = [(name.decode("latin-1"), value.decode("utf-8", "surrogateescape")) for name, value in raw]
    named = {
        each.strip().lower()
        for name, value in headers
        if name.lower() == "connection"
        for each in value.split(",")
    }
    return CIMultiDict(pair for pair in headers if pair[0].lower() not in without | named)


def _is_small(upstream: ClientResponse) -> bool:
    return upstream.content_length is not None and upstream.content_length <= WHOLE


async def _whole(request: web.Request, upstream: ClientResponse) -> web.Response:
    headers = _passed_on(upstream.raw_headers, _ONE_HOP)
    body = await upstream.read()
    return web.Response(
        status=upstream.status,
        reason=upstream.reason,
        headers=headers,
        body=None if request.method == hdrs.METH_HEAD else body,
    )


async def _streamed(request: web.Request, upstream: ClientResponse) -> web.StreamResponse:
    """Pass the answer on as it arrives. If it breaks off, so does ours: a cut answer must not look whole."""
    response = web.StreamResponse(
        status=upstream.status, reason=upstream.reason, headers=_passed_on(upstream.raw_headers, _ONE_HOP)
    )
    try:
        await response.prepare(request)
        async for chunk in upstream.content.iter_any():
            await response.write(chunk)
        await response.write_eof()
    except (ClientError, ConnectionError):
        if request.transport is not None:
            request.transport.abort()
    finally:
        with suppress(ClientError):
            upstream.release()
    return response
