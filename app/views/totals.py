"""Totals of the orders of a day, by zone and currency: what they came to, and what became of that since.

A day is the calendar day of the order's zone, from midnight to midnight: 23 or 25 hours when the clocks change. An
order belongs to the day on which it was placed, whenever it is paid, cancelled or refunded, so that a row can be
computed again from the orders alone.

Each partition adds up its own orders (key: zone, NUL, currency, exponent, NUL, day); a reader adds up the partitions.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from app.domain.order.state import Order
from app.domain.payment.balance import Balance

_ZONES: Final = 1024  # strangers name zones: remember so many of them
_FALLBACK: Final = "UTC"


class Totals(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Amounts in minor units. `ordered` is as placed and amended, tax and shipping included; `cancelled` was taken off
    since. `cancelled_orders` have no unit left: they were cancelled, or have expired.
    """

    zone: str
    currency: str
    exponent: int = 2
    day: date
    orders: int = 0
    cancelled_orders: int = 0
    ordered: int = 0
    tax: int = 0
    shipping: int = 0
    cancelled: int = 0
    captured: int = 0
    refunded: int = 0
    disputed: int = 0


_COUNTS: Final = (
    "orders", "cancelled_orders", "ordered", "tax", "shipping", "cancelled", "captured", "refunded", "disputed"
)  # fmt: skip

encode_row: Final = msgspec.json.Encoder().encode
decode_row: Final = msgspec.json.Decoder(Totals).decode


@lru_cache(maxsize=_ZONES)
def zone(name: str) -> ZoneInfo:
    """Return a zone of the tz database. A day of a zone that it does not know is one of UTC."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):  # unknown; not a relative path; a folder, or too long a name
        return ZoneInfo(_FALLBACK)


def day_of(moment: datetime, zone_name: str) -> date:
    """Return the calendar day of a moment there."""
    try:
        return moment.astimezone(zone(zone_name)).date()
    except OverflowError:  # on the first or last day that there is
        return moment.date()


def bounds(day: date, zone_name: str) -> tuple[datetime, datetime]:
    """Return the moments, in UTC, at which a day begins and ends there."""
    there = zone(zone_name)
    begins = datetime.combine(day, time(), there)
    ends = datetime.combine(day + timedelta(days=1), time(), there)
    return begins.astimezone(UTC), ends.astimezone(UTC)


def of(order: Order, money: Balance | None = None) -> Totals:
    """Return what an order, with the balance of its ledger, counts for."""
    facts = order.facts
    return Totals(
        zone=zone(facts.zone).key,
        currency=facts.currency,
        exponent=facts.exponent,
        day=day_of(facts.placed_at, facts.zone),
        orders=1,
        cancelled_orders=int(order.ended),
        ordered=facts.totals.total,
        tax=facts.totals.tax,
        shipping=facts.totals.shipping,
        cancelled=order.cancelled_amount,
        captured=money.captured if money else 0,
        refunded=money.refunded if money else 0,
        disputed=money.disputed if money else 0,
    )


def changed(row: Totals | None, before: Totals | None, after: Totals) -> Totals | None:
    """Return the row of a day after an order that counted for `before` counts for `after`, if it differs.

    `before` is None for an order that is new. An order never changes its day.
    """
    if before == after:
        return None
    counts = {name: getattr(after, name) for name in _COUNTS}
    for name in _COUNTS:
        counts[name] += getattr(row, name, 0) - getattr(before, name, 0)
    return replace(after, **counts)


def together(rows: Iterable[Totals]) -> list[Totals]:
    """Return the rows of several partitions as one a day, in the order of their keys."""
    whole: dict[bytes, Totals] = {}
    for row in rows:
        at = key(row)
        found = whole.get(at)
        if found is None:
            whole[at] = row
        else:
            sums = {name: getattr(found, name) + getattr(row, name) for name in _COUNTS}
            whole[at] = replace(found, **sums)
    return [whole[at] for at in sorted(whole)]


def key(row: Totals) -> bytes:
    """Return zone, currency, exponent and day: a scan of a zone's currency is in order of days."""
    return prefix(row.zone, row.currency, row.exponent) + row.day.isoformat().encode()


def prefix(zone_name: str, currency: str, exponent: int) -> bytes:
    """Return what the keys of a zone's currency begin with."""
    return f"{zone_name}\0{currency}{exponent}\0".encode()
