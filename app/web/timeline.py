"""The timeline of an order: its events, and what its processes heard of others and sent, with who caused what.

The events are the order's journal, the rest is the processes' own record; they lie on one partition, and are merged
page by page. The cursor is a place in both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
from aiohttp import web

from app.views.story import OrderEvent, merged
from app.views.timeline import prefix
from app.web.events import CACHE_CONTROL
from app.web.listing import as_cursor, cursor_of, limit_of, next_page
from app.web.parameters import Parameters
from app.web.problem import ORDER_UNKNOWN, PARTITION_MOVING, Problem, Resource
from app.wire.events import journal_key
from tables.journal import JOURNAL
from tables.processes import TIMELINE

if TYPE_CHECKING:
    from app.web.lanes import Reader, WebApp
    from app.web.routing import Router

_VERSION: Final = 8  # bytes of a place: a version,
_ENTRY: Final = 12  # and time and number of an entry
_BEHIND: Final = b"\1"
_event = msgspec.json.Decoder(OrderEvent).decode


class Place(NamedTuple):
    """How far a reader has got: the last event's version, and what the last entry's key ends with."""

    version: int = 0
    entry: bytes = b""


def routes(app: WebApp, router: Router) -> None:
    """Serve `/orders/{order_id}/timeline`."""

    @app.page("/orders/{order_id}/timeline", base=Resource)
    async def order_timeline(_: Any, request: web.Request, **__: str) -> web.StreamResponse:
        asked = Parameters(request)
        order_id, limit, cursor = asked.path_id("order_id"), limit_of(asked), cursor_of(asked)
        if cursor and len(cursor) not in (_VERSION, _VERSION + _ENTRY):
            asked.fault("cursor", "is not one that a page of a timeline gave out")
        asked.check()
        place = Place(int.from_bytes(cursor[:_VERSION], "big"), cursor[_VERSION:])
        router.require(TIMELINE)
        key = order_id.encode()

        def read(journal: Reader) -> web.Response:
            entries = router.lanes.reader(TIMELINE, router.lanes.partition_of(key))
            if entries is None:
                raise Problem(PARTITION_MOVING, "the partition goes away", headers={"Retry-After": "1"})
            return _page(request, journal, entries, order_id, place, limit)

        return await router.answer(request, key, JOURNAL, read)


def _page(
    request: web.Request, journal: Reader, timeline: Reader, order_id: str, place: Place, limit: int
) -> web.Response:
    key, start = order_id.encode(), prefix(order_id)
    events = journal.scan(journal_key(key, place.version + 1), key + _BEHIND, limit + 1)
    behind = place.entry + b"\0" if place.entry else b""
    entries = timeline.scan(start + behind, key + _BEHIND, limit + 1)
    if not events and not entries and not journal.scan(journal_key(key, 0), key + _BEHIND, 1):
        raise Problem(ORDER_UNKNOWN, f"no order {order_id} was placed")
    story = merged([_event(row) for _, row in events], [TIMELINE.decode(row) for _, row in entries])
    shown = story[:limit]
    headers = {"Content-Type": "application/json", "Cache-Control": CACHE_CONTROL}
    cursor = None
    if len(story) > limit:
        cursor = as_cursor(_place(place, events, entries, sum(each.of_order for each in shown), limit))
        headers["Link"] = next_page(request, cursor)
    body = {"order_id": order_id, "timeline": shown, "next": cursor}
    return web.Response(body=msgspec.json.encode(body), headers=headers)


def _place(
    before: Place,
    events: list[tuple[bytes, bytes]],
    entries: list[tuple[bytes, bytes]],
    of_order: int,
    limit: int,
) -> bytes:
    """Return where a page ends that has so many of the order's own events."""
    others = limit - of_order
    version = events[of_order - 1][0][-_VERSION:] if of_order else before.version.to_bytes(_VERSION, "big")
    return version + (entries[others - 1][0][-_ENTRY:] if others else before.entry)
