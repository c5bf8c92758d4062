"""The processes of orders: those that wait, the longest first; those that wait too long; and one of them.

Only those that wait for something lie in a list by time, so that a million that have ended cost a reader nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import msgspec
from aiohttp import web

from app.lane.ticks import due_of
from app.views.process import process_answer, whole_process
from app.web.events import CACHE_CONTROL
from app.web.gathering import Found
from app.web.listing import List, cursor_of, limit_of, page
from app.web.parameters import Parameters, one_of
from app.web.problem import PROCESS_UNKNOWN, Problem, Resource
from tables.processes import FIRST_WAITING, PROCESSES, WAITING_HEAD, WAITING_PROCESSES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.web.gathering import Gathering
    from app.web.lanes import Reader, WebApp
    from app.web.routing import Router

LOOKED_AT: Final = 500  # processes of one partition that a page looks at, at most
_encode = msgspec.json.Encoder().encode


class State(StrEnum):
    """Which processes a list has."""

    STUCK = "stuck"
    WAITING = "waiting"
    ALL = "all"


def routes(app: WebApp, router: Router, gathering: Gathering) -> None:
    """Serve `/processes?state=` and `/processes/{order_id}`."""

    @app.page("/processes", base=Resource)
    async def processes(_: Any, request: web.Request) -> web.StreamResponse:
        asked = Parameters(request)
        state = asked.required("state", one_of(State), State.ALL)
        limit, after = limit_of(asked), cursor_of(asked)
        return await page(request, gathering, asked, _list(state, datetime.now(UTC)), limit, after)

    @app.page("/processes/{order_id}", base=Resource)
    async def process(_: Any, request: web.Request, **__: str) -> web.StreamResponse:
        asked = Parameters(request)
        order_id = asked.path_id("order_id")
        asked.check()
        return await router.answer(
            request, order_id.encode(), PROCESSES, lambda rows: _process(rows, order_id)
        )


def _list(state: State, now: datetime) -> List:
    also = (("state", state.value),)
    if state is State.ALL:
        return List("processes", (PROCESSES,), b"", b"\xff", _shown, _all(now), also=also)
    tables = (WAITING_PROCESSES, WAITING_HEAD, PROCESSES)
    read = _waiting(now, stuck=state is State.STUCK)
    return List("processes", tables, b"", b"\xff" * 9, _shown, read, also=also)


def _all(now: datetime) -> Callable[[Sequence[Reader], bytes, bytes, int], Found]:
    def read(readers: Sequence[Reader], start: bytes, until: bytes, most: int) -> Found:
        return Found([(key, _row(row, now)[1]) for key, row in readers[0].scan(start, until, most)])

    return read


def _waiting(now: datetime, *, stuck: bool) -> Callable[[Sequence[Reader], bytes, bytes, int], Found]:
    """Return how to read those that wait, or only those of them that are stuck, within a bound."""

    def read(readers: Sequence[Reader], start: bytes, until: bytes, most: int) -> Found:
        waiting, heads, processes = readers
        head = heads.get(FIRST_WAITING)
        first = start if head is None else max(start, WAITING_HEAD.decode(head).first)
        keys = [key for key, _ in waiting.scan(first, until, LOOKED_AT if stuck else most)]
        rows: list[tuple[bytes, bytes]] = []
        for key in keys:
            row = processes.get(due_of(key)[1])
            if row is None:  # never so: both are written together
                continue
            is_stuck, shown = _row(row, now)
            if is_stuck or not stuck:
                rows.append((key, shown))
                if len(rows) == most:
                    return Found(rows)
        return Found(rows, keys[-1] if stuck and len(keys) == LOOKED_AT else None)

    return read


def _row(row: bytes, now: datetime) -> tuple[bool, bytes]:
    """Return whether a process is stuck, and what a list says of it: far less than its row."""
    answer = process_answer(PROCESSES.decode(row).process, now)
    return answer.stuck, _encode(answer)


def _shown(_: bytes, row: bytes) -> Any:
    return msgspec.Raw(row)


def _process(rows: Reader, order_id: str) -> web.Response:
    row = rows.get(order_id.encode())
    if row is None:
        raise Problem(PROCESS_UNKNOWN, f"nothing goes on about an order {order_id}")
    kept = PROCESSES.decode(row)
    body = _encode(whole_process(kept.process, kept.correlation_id, datetime.now(UTC)))
    return web.Response(
        body=body, headers={"Content-Type": "application/json", "Cache-Control": CACHE_CONTROL}
    )
