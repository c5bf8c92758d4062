"""The timeline of an order: its events and what its processes did, in one order that tells a story."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from app.views.story import OrderEvent, merged
from app.views.timeline import Entry

if TYPE_CHECKING:
    from app.views.timeline import Kind

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def event(version: int, second: int, cause: str = "") -> OrderEvent:
    return OrderEvent(
        id=f"o-1@{version}",
        type="order-placed.v2",
        subject="o-1",
        time=NOON + timedelta(seconds=second),
        causationid=cause,
        correlationid="cmd-1",
    )


def entry(id_: str, second: int, kind: Kind = "event", code: str = "") -> Entry:
    return Entry(
        kind=kind, id=id_, type="stock-reserved.v1", subject="socks@north", time=NOON + timedelta(seconds=second),
        causation_id="c", correlation_id="cmd-1", code=code,
    )  # fmt: skip


def story(events: list[OrderEvent], entries: list[Entry]) -> list[str]:
    return [each.id for each in merged(events, entries)]


def test_what_happened_stands_in_the_order_of_its_times() -> None:
    assert story([event(1, 0), event(2, 2)], [entry("a", 1), entry("b", 3)]) == ["o-1@1", "a", "o-1@2", "b"]
    assert story([], [entry("a", 1)]) == ["a"]
    assert story([event(1, 0)], []) == ["o-1@1"]


def test_an_event_comes_before_what_was_done_about_it_at_the_same_moment() -> None:
    assert story([event(1, 0)], [entry("a", 0, "command")]) == ["o-1@1", "a"]


def test_nothing_stands_before_the_command_that_caused_it_whatever_the_clocks_say() -> None:
    entries = [entry("a", 5), entry("confirm", 9, "command"), entry("b", 9)]
    assert story([event(1, 0), event(2, 4, "confirm")], entries) == ["o-1@1", "a", "confirm", "o-1@2", "b"]


def test_clocks_that_went_back_change_neither_order() -> None:
    assert story([event(1, 9), event(2, 3)], [entry("a", 5), entry("b", 1)]) == ["a", "b", "o-1@1", "o-1@2"]


def test_each_says_what_it_is_and_who_caused_it() -> None:
    of_order, refusal = merged([event(1, 0, "cmd-1")], [entry("a", 1, "outcome", "out-of-stock")])
    assert (of_order.kind, of_order.causation_id, of_order.correlation_id) == ("event", "cmd-1", "cmd-1")
    assert (refusal.kind, refusal.subject, refusal.code) == ("outcome", "socks@north", "out-of-stock")
