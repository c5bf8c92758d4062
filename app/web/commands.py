"""What became of a command: the stored bytes of its outcome, a CloudEvent.

An outcome lies in the partition of the order that the command was for, so the order must be named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from app.web.parameters import Parameters, well_formed_id
from app.web.problem import COMMAND_UNKNOWN, Problem, Resource
from tables.outcomes import OUTCOMES

if TYPE_CHECKING:
    from app.web.lanes import Reader, WebApp
    from app.web.routing import Router


class _Subject(msgspec.Struct):
    subject: str


_subject = msgspec.json.Decoder(_Subject)


def routes(app: WebApp, router: Router) -> None:
    """Serve `/commands/{command_id}?order={order_id}`."""

    @app.page("/commands/{command_id}", base=Resource)
    async def command(_: Any, request: web.Request, **__: str) -> web.StreamResponse:
        asked = Parameters(request)
        command_id = asked.path_id("command_id")
        order_id = asked.required("order", well_formed_id, "")
        asked.check()
        return await router.answer(
            request, order_id.encode(), OUTCOMES, lambda rows: _outcome(rows, command_id, order_id)
        )


def _outcome(rows: Reader, command_id: str, order_id: str) -> web.Response:
    outcome = rows.get(command_id.encode())
    # Several orders share a partition: only the order that was named counts.
    if outcome is None or _subject.decode(outcome).subject != order_id:
        raise Problem(COMMAND_UNKNOWN, f"no outcome of command {command_id} for order {order_id}")
    headers = {"Content-Type": "application/cloudevents+json", "Cache-Control": "private, no-cache"}
    return web.Response(body=outcome, headers=headers)
