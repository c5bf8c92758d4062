"""Every error that HTTP answers with, as `application/problem+json` (RFC 9457).

A `Kind` is stable: clients match on its code, which ends the `type` of the problem as well, and
`GET /problems/{code}` says what it means. A problem is never cached.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from aiohttp import web
from faust.web import View
from faust.web.exceptions import WebError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

log = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"


class Kind(NamedTuple):
    """A kind of problem: its status, its code, its title and what a caller can do about it."""

    status: HTTPStatus
    code: str
    title: str
    meaning: str


MALFORMED_REQUEST = Kind(
    HTTPStatus.BAD_REQUEST,
    "malformed-request",
    "A part of the request is malformed",
    "`errors` names each part of the path or query that is wrong, and why. Sending it again will not help.",
)
NOT_SIGNED = Kind(
    HTTPStatus.BAD_REQUEST,
    "not-signed",
    "The signature is missing, wrong or too old",
    "The request must carry the signature of its body that its sender documents, made with the secret that is set "
    "here, and not long ago.",
)
UNREADABLE_BODY = Kind(
    HTTPStatus.BAD_REQUEST,
    "unreadable-body",
    "The body cannot be read",
    "It is signed, but is not what its sender documents. `detail` says where it differs.",
)
NO_SUCH_RESOURCE = Kind(
    HTTPStatus.NOT_FOUND,
    "no-such-resource",
    "Nothing has this address",
    "The path is none of those that this service serves.",
)
NOT_KEPT = Kind(
    HTTPStatus.NOT_FOUND,
    "not-kept",
    "This system does not keep what was asked for",
    "The agent that would keep it is not among those that run here: see the setting `AGENTS`.",
)
ORDER_UNKNOWN = Kind(
    HTTPStatus.NOT_FOUND,
    "order-unknown",
    "No order has this id",
    "No order with this id was placed, or its command has not been decided yet.",
)
RETURN_UNKNOWN = Kind(
    HTTPStatus.NOT_FOUND,
    "return-unknown",
    "No return has this id",
    "No return with this id was asked for, or its command has not been decided yet.",
)
CART_UNKNOWN = Kind(
    HTTPStatus.NOT_FOUND,
    "cart-unknown",
    "No order was placed for this cart",
    "A cart is known from the first order that is placed for it on.",
)
STOCK_UNKNOWN = Kind(
    HTTPStatus.NOT_FOUND,
    "stock-unknown",
    "There is no stock of this",
    "No command has said anything of this SKU, or of it in this warehouse. One that is sold out is known.",
)
PROCESS_UNKNOWN = Kind(
    HTTPStatus.NOT_FOUND,
    "process-unknown",
    "Nothing goes on about this order",
    "The order is not known, or never had a checkout, a payment, units in stock or a return.",
)
COMMAND_UNKNOWN = Kind(
    HTTPStatus.NOT_FOUND,
    "command-unknown",
    "No outcome of this command is known",
    "The command was never sent to this order, has not been decided yet, or its outcome has expired.",
)
ORDER_AWAITED = Kind(
    HTTPStatus.CONFLICT,
    "order-awaited",
    "The order is not known yet",
    "What was sent is about an order that was not placed yet, or is not decided. Nothing of it is kept: send it again.",
)
METHOD_NOT_ALLOWED = Kind(
    HTTPStatus.METHOD_NOT_ALLOWED,
    "method-not-allowed",
    "The resource does not have this method",
    "The `Allow` header lists the methods that it has.",
)
INTERNAL_ERROR = Kind(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "internal-error",
    "The service failed",
    "A fault of the service. Its log has the cause.",
)
OWNER_LOST = Kind(
    HTTPStatus.BAD_GATEWAY,
    "owner-lost",
    "The worker that owns the data went away while it answered",
    "The request may or may not have had its effect; it was not a safe one, so it was not repeated.",
)
PARTITION_MOVING = Kind(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "partition-moving",
    "The data is moving to another worker",
    "No worker could answer in time. Ask again after the seconds of the `Retry-After` header.",
)
NOT_THE_OWNER = Kind(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "not-the-owner",
    "This worker does not own the data",
    "Another worker forwarded the request here, where it may not be answered or forwarded again.",
)
NOT_SET_UP = Kind(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "not-set-up",
    "A setting of the service is missing",
    "`detail` names the setting. Send the request again when it is set.",
)
NOT_STORED = Kind(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "not-stored",
    "The command may not be stored",
    "Kafka has not acknowledged it in time, and it may be there or not. Send it again, under the same id: it has its "
    "effect once.",
)
PROVIDER_SILENT = Kind(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "provider-silent",
    "A payment provider does not answer",
    "What was sent needs more that only the provider knows. Send it again later.",
)
NOT_READY = Kind(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "not-ready",
    "The worker is not ready",
    "It has no assignment yet, or still recovers its partitions. `worker` says how far it is.",
)
STUCK = Kind(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "stuck",
    "Partitions make no progress",
    "`partitions` have had work and committed nothing for `seconds`. The worker should be restarted.",
)

KINDS = {
    kind.code: kind
    for kind in (
        MALFORMED_REQUEST,
        NOT_SIGNED,
        UNREADABLE_BODY,
        NO_SUCH_RESOURCE,
        NOT_KEPT,
        ORDER_UNKNOWN,
        RETURN_UNKNOWN,
        CART_UNKNOWN,
        STOCK_UNKNOWN,
        PROCESS_UNKNOWN,
        COMMAND_UNKNOWN,
        ORDER_AWAITED,
        METHOD_NOT_ALLOWED,
        INTERNAL_ERROR,
        OWNER_LOST,
        PARTITION_MOVING,
        NOT_THE_OWNER,
        NOT_SET_UP,
        NOT_STORED,
        PROVIDER_SILENT,
        NOT_READY,
        STUCK,
    )
}


class Fault(NamedTuple):
    """One wrong part of a request: where it is (`order_id`, `limit`), and what must change."""

    parameter: str
    detail: str


class Problem(WebError):  # noqa: N818 - the word of RFC 9457
    """The answer to a request that has no better one. `members` are the extensions of its kind."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail, code=kind.status)
        self.kind = kind
        self.headers = headers or {}
        self.members = {"errors": [fault._asdict() for fault in faults]} | members if faults else members

    def response(self) -> web.Response:
        """Return the problem as a response."""
        kind = self.kind
        document = {
            "type": f"/problems/{kind.code}",
            "title": kind.title,
            "status": int(kind.status),
            "detail": self.detail,
            "code": kind.code,
        }
        return web.Response(
            status=kind.status,
            body=msgspec.json.encode(document | self.members),
            headers={"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store", **self.headers},
        )


class Resource(View):
    """A Faust web view whose errors are problems."""

    async def on_request_error(self, request: Any, exc: WebError) -> Any:
        """Answer with the problem that a handler raised."""
        return exc.response() if isinstance(exc, Problem) else await super().on_request_error(request, exc)


@web.middleware
async def problems(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Make problems of what aiohttp answers by itself (404, 405 and the like), and of what nobody caught."""
    try:
        return await handler(request)
    except Problem as problem:
        return problem.response()
    except web.HTTPNotFound:
        return Problem(NO_SUCH_RESOURCE, f"nothing is at {request.path}").response()
    except web.HTTPMethodNotAllowed as refused:
        allow = {"Allow": ", ".join(sorted(refused.allowed_methods))}
        return Problem(
            METHOD_NOT_ALLOWED, f"{request.path} has no {request.method}", headers=allow
        ).response()
    except web.HTTPException as other:
        if other.status < HTTPStatus.BAD_REQUEST:
            raise
        return _plain(other)
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        return Problem(INTERNAL_ERROR, "see the log of the worker").response()


def _plain(refused: web.HTTPException) -> web.Response:
    """Return a problem that says no more than the status does (RFC 9457, 4.2.1)."""
    document = {"type": "about:blank", "title": refused.reason, "status": refused.status}
    headers = {"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"}
    return web.Response(status=refused.status, body=msgspec.json.encode(document), headers=headers)
