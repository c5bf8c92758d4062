"""Totals of days, by zone and currency: each partition added up its own orders, and a page adds up the partitions.

A day is one of the orders' zone. An order counts on the day on which it was placed, whatever becomes of it later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from app.views import totals
from app.web.gathering import Found
from app.web.listing import List, cursor_of, limit_of, page
from app.web.parameters import Parameters, day, matching
from app.web.problem import Resource
from tables.totals import DAILY_TOTALS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from aiohttp import web

    from app.web.gathering import Gathering
    from app.web.lanes import Reader, WebApp

_BEHIND_DIGITS: Final = b":"  # sorts after all of them
_FIRST, _LAST = "0001-01-01", "9999-12-31"

_currency = matching("(?s).{3}", "must be a currency, as in EUR")


def routes(app: WebApp, gathering: Gathering) -> None:
    """Serve `/totals`."""

    @app.page("/totals", base=Resource)
    async def daily_totals(_: Any, request: web.Request) -> web.StreamResponse:
        asked = Parameters(request)
        zone, currency = asked.query("zone", _zone, ""), asked.query("currency", _currency, "")
        first, last = asked.query("from", day, day(_FIRST)), asked.query("to", day, day(_LAST))
        limit, after = limit_of(asked), cursor_of(asked)
        if currency and not zone:
            asked.fault("zone", "is missing: a currency is one of a zone")
        if first > last:
            asked.fault("from", "must not be after `to`")
        start, until = _range(zone, currency)
        read, add = _days(first, last), _sum
        of = List("totals", (DAILY_TOTALS,), start, until, _show, read, add)
        return await page(request, gathering, asked, of, limit, after)


def _range(zone: str, currency: str) -> tuple[bytes, bytes]:
    """Return where the keys of a zone's currency begin and end: zone, NUL, currency and exponent, NUL, day."""
    if not zone:
        return b"", b"\xff"
    if not currency:
        return f"{zone}\0".encode(), f"{zone}\1".encode()
    start = f"{zone}\0{currency}".encode()
    return start, start + _BEHIND_DIGITS


def _days(first: date, last: date) -> Callable[[Sequence[Reader], bytes, bytes, int], Found]:
    """Return how to read some days of each zone and currency. Those between are skipped, not read."""
    begins, ends = first.isoformat().encode(), last.isoformat().encode() + b"\0"

    def read(readers: Sequence[Reader], start: bytes, until: bytes, most: int) -> Found:
        (reader,), rows, at = readers, list[tuple[bytes, bytes]](), start
        while len(rows) < most:
            found = reader.scan(at, until, 1)
            if not found:
                break
            of = found[0][0].rpartition(b"\0")[0] + b"\0"
            rows += reader.scan(max(at, of + begins), min(until, of + ends), most - len(rows))
            at = of + _BEHIND_DIGITS
        return Found(rows)

    return read


def _sum(one: bytes, other: bytes) -> bytes:
    (row,) = totals.together([DAILY_TOTALS.decode(one), DAILY_TOTALS.decode(other)])
    return DAILY_TOTALS.encode(row)


def _show(_: bytes, row: bytes) -> dict[str, Any]:
    return msgspec.structs.asdict(DAILY_TOTALS.decode(row))


def _zone(text: str) -> str:
    if totals.zone(text).key != text:
        raise ValueError("must be a time zone of IANA, such as Europe/Vienna")
    return text
