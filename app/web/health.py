"""The probes: `/livez`, should this worker be restarted; `/readyz`, may it get requests.

Alive is about progress of each partition, not about the process: an idle worker is alive, and one of whose
partitions has work and does not commit is not, however well the others do. Ready is a worker that has its
assignment and has recovered it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from app.web.problem import NOT_READY, STUCK, Problem, Resource

if TYPE_CHECKING:
    from app.web.lanes import WebApp


def routes(app: WebApp, stuck_after: float) -> None:
    """Serve `/livez` and `/readyz`. `stuck_after`: seconds with work and without a commit."""

    @app.page("/livez", base=Resource)
    async def livez(_: Any, __: web.Request) -> web.Response:
        stuck = list(app.lanes.stuck(stuck_after))
        if stuck:
            raise Problem(
                STUCK,
                f"no commit for {stuck_after:g} s in partition {', '.join(map(str, stuck))}",
                partitions=stuck,
                seconds=stuck_after,
            )
        return _json({"alive": True})

    @app.page("/readyz", base=Resource)
    async def readyz(_: Any, __: web.Request) -> web.Response:
        status = app.lanes.status()
        if not status["ready"]:
            raise Problem(
                NOT_READY, "not assigned and recovered yet", headers={"Retry-After": "1"}, worker=status
            )
        return _json(status)


def _json(answer: dict[str, Any]) -> web.Response:
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return web.Response(body=msgspec.json.encode(answer), headers=headers)
