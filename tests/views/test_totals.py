"""Totals of a day: whole days, whatever the clocks do, and sums that agree with the orders."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import example, settings
from hypothesis import given as for_any
from hypothesis import strategies as st
from msgspec.structs import replace

from app.domain.order.state import Order
from app.domain.payment.balance import Balance
from app.views.totals import (
    Totals,
    bounds,
    changed,
    day_of,
    decode_row,
    encode_row,
    key,
    of,
    prefix,
    together,
    zone,
)
from tests.domain.scenario import given, line, placed, shipping
from tests.domain.test_cancelling import all_cancelled, cancelled

HOUR = timedelta(hours=1)
MONEY = Balance(
    held=0,
    open=0,
    capturing=0,
    captured=6000,
    refunding=0,
    refunded=1000,
    disputed=200,
    granted=0,
    unmoved=0,
    kept=5000,
    need=5000,
    due=0,
)
PLACED = placed(line("1", 3, 1900, tax_rate_bp=1000), shipping=(shipping(750),), zone="Europe/Vienna")


def the(order: Order | None) -> Order:
    assert order is not None
    return order


def at(moment: datetime, zone_name: str) -> Totals:
    """Return what an order counts for that was placed then."""
    order = the(given(PLACED).order)
    return of(replace(order, facts=replace(order.facts, placed_at=moment, zone=zone_name)))


@pytest.mark.parametrize(
    ("zone_name", "day", "hours"),
    [
        ("Europe/Vienna", date(2026, 3, 28), 24),
        ("Europe/Vienna", date(2026, 3, 29), 23),
        ("Europe/Vienna", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),  # midnight itself is skipped
        ("America/Sao_Paulo", date(2018, 2, 17), 25),  # the last hour comes twice
        ("America/Havana", date(2026, 11, 1), 25),  # the first hour comes twice
        ("Pacific/Apia", date(2011, 12, 30), 0),  # the whole day is skipped
        ("UTC", date(2026, 3, 29), 24),
    ],
)
def test_a_day_is_counted_whole_whatever_the_clocks_do(zone_name: str, day: date, hours: int) -> None:
    begins, ends = bounds(day, zone_name)
    assert ends - begins == hours * HOUR
    around = [begins + i * HOUR / 4 for i in range(-8, hours * 4 + 8)]
    counted = Counter(at(moment, zone_name).day for moment in around)
    assert counted[day] == hours * 4
    assert all(day_of(moment, zone_name) == day for moment in around if begins <= moment < ends)


# From 1970 to 2037, to the second.
MOMENTS = st.integers(86_400, 2_145_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
ZONES = st.sampled_from(
    ["Europe/Vienna", "America/Havana", "Pacific/Apia", "Asia/Kathmandu", "UTC", "Africa/Cairo"]
)


@settings(deadline=None, max_examples=300)
@for_any(MOMENTS, ZONES)
@example(datetime(2026, 3, 28, 23, tzinfo=UTC), "Europe/Vienna")
def test_every_moment_is_in_one_day(moment: datetime, zone_name: str) -> None:
    day = day_of(moment, zone_name)
    begins, ends = bounds(day, zone_name)
    assert begins <= moment < ends
    assert bounds(day + timedelta(days=1), zone_name)[0] == ends


@pytest.mark.parametrize(
    "name", ["Mars/Base", "../../etc/passwd", "/etc/passwd", "Europe", "x" * 128, "EUROPE/x", "."]
)
def test_a_day_of_a_zone_that_nobody_knows_is_one_of_utc(name: str) -> None:
    assert zone(name).key == "UTC"
    assert at(datetime(2026, 3, 1, 23, 30, tzinfo=UTC), name).zone == "UTC"


def test_the_first_and_the_last_day_that_there_is_are_days() -> None:
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    assert day_of(first, "America/New_York") == date(1, 1, 1)
    assert day_of(last, "Asia/Tokyo") == date(9999, 12, 31)


def test_an_order_counts_on_the_day_on_which_it_was_placed() -> None:
    row = of(the(given(PLACED).order))
    assert row == Totals(
        zone="Europe/Vienna",
        currency="EUR",
        day=date(2026, 3, 1),
        orders=1,
        ordered=7020,
        tax=570,
        shipping=750,
    )
    assert decode_row(encode_row(row)) == row


def test_what_becomes_of_an_order_counts_on_that_day_too() -> None:
    gone = the(given(PLACED, all_cancelled(("1", 3, 6270), shipping=750)).order)
    row = of(gone, MONEY)
    assert (row.orders, row.cancelled_orders, row.cancelled) == (1, 1, 7020)
    assert (row.captured, row.refunded, row.disputed) == (6000, 1000, 200)


def test_a_change_of_an_order_changes_its_day_by_the_difference() -> None:
    before, after = (
        of(the(given(PLACED).order)),
        of(the(given(PLACED, cancelled(("1", 1, 2090))).order), MONEY),
    )
    day = changed(None, None, before)
    assert day == before
    day = changed(day, None, before)
    assert day is not None
    assert (day.orders, day.ordered) == (2, 14_040)
    day = changed(day, before, after)
    assert day is not None
    assert (day.orders, day.ordered, day.cancelled, day.captured) == (2, 14_040, 2090, 6000)
    assert changed(day, after, after) is None


def test_the_totals_of_a_day_are_sums_over_its_orders_on_all_partitions() -> None:
    random = Random(7)  # noqa: S311 - a story to repeat
    stories = [
        (PLACED,),
        (PLACED, cancelled(("1", 1, 2090))),
        (PLACED, all_cancelled(("1", 3, 6270), shipping=750)),
    ]
    partitions: list[dict[bytes, Totals]] = [{}, {}, {}]
    now: dict[int, Totals] = {}
    for _ in range(500):
        number = random.randrange(60)
        order = the(given(*random.choice(stories)).order)
        moment = datetime(2026, 3, 28, tzinfo=UTC) + timedelta(hours=number)
        facts = replace(order.facts, placed_at=moment, currency=("EUR", "USD")[number % 2])
        after = of(replace(order, facts=facts), random.choice([None, MONEY]))
        rows = partitions[number % 3]
        row = changed(rows.get(key(after)), now.get(number), after)
        if row is not None:
            rows[key(row)] = row
        now[number] = after
    whole = together(row for rows in partitions for row in rows.values())
    assert [key(row) for row in whole] == sorted({key(row) for row in now.values()})
    for row in whole:
        those = [each for each in now.values() if key(each) == key(row)]
        for name in (
            "orders",
            "cancelled_orders",
            "ordered",
            "tax",
            "shipping",
            "cancelled",
            "captured",
            "refunded",
        ):
            assert getattr(row, name) == sum(getattr(each, name) for each in those), name


def test_the_days_of_a_currency_lie_in_order() -> None:
    row = of(the(given(PLACED).order))
    assert key(row) == b"Europe/Vienna\0EUR2\x002026-03-01"
    others = [replace(row, currency="EUX"), replace(row, exponent=3), replace(row, zone="Europe/V")]
    assert [key(each).startswith(prefix("Europe/Vienna", "EUR", 2)) for each in (row, *others)] == [True] + [
        False
    ] * 3
