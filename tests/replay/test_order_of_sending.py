"""What goes before what: lives merged by time, and commands that wait for others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.cli.replay.held_back import DRAFTS, HeldBack
from app.cli.replay.merge import merged
from app.cli.replay.source import Draft

if TYPE_CHECKING:
    from collections.abc import Iterator

AT = datetime(2017, 5, 11, tzinfo=UTC)


def draft(command_id: str, key: str = "o-1", after: tuple[str, ...] = ()) -> Draft:
    return Draft(command_id, key, AT, None, after=after)


def ids(drafts: Iterator[Draft]) -> list[str]:
    return [each.command_id for each in drafts]


def test_lives_are_merged_by_time_and_what_is_simultaneous_by_their_beginning() -> None:
    lives = {"a": ["1", "4", "4", "9"], "b": ["2", "4"], "c": ["4", "5"]}

    def life(name: str) -> Iterator[tuple[str, list[Draft]]]:
        for number, time in enumerate(lives[name]):
            yield time, [draft(f"{name}{number}")]

    steps = merged((times[0], life(name)) for name, times in lives.items())
    found = [each.command_id for drafts in steps for each in drafts]
    assert found == ["a0", "b0", "a1", "a2", "b1", "c0", "c1", "a3"]


def test_only_lives_that_are_under_way_are_held() -> None:
    begun: list[int] = []

    def life(number: int) -> Iterator[tuple[str, list[Draft]]]:
        begun.append(number)
        yield f"{number:05}", [draft(f"{number}")]
        yield f"{number + 2:05}", [draft(f"{number}")]

    steps = merged((f"{number:05}", life(number)) for number in range(1_000))
    for taken, _ in enumerate(steps, 1):
        assert len(begun) - taken / 2 < 4, "it has begun lives whose time has not come"
    assert len(begun) == 1_000


def test_what_needs_nothing_goes_at_once() -> None:
    held_back = HeldBack()
    assert held_back.goes(draft("place"))
    assert held_back.goes(draft("ship", after=("item-of-long-ago",)))
    assert not held_back


def test_a_command_waits_for_what_was_sent_and_is_not_settled() -> None:
    held_back = HeldBack()
    assert held_back.goes(draft("reserve", key="item"))
    assert not held_back.goes(draft("ship", after=("item",)))
    assert ids(held_back.settled()) == ["ship"]
    assert held_back.goes(draft("ship-2", key="o-2", after=("item",)))  # nothing was sent to it since


def test_all_that_follows_with_a_key_that_waits_waits_too() -> None:
    held_back = HeldBack()
    assert held_back.goes(draft("reserve", key="item"))
    assert not held_back.goes(draft("ship", after=("item",)))
    assert not held_back.goes(draft("deliver"))
    assert held_back.goes(draft("place", key="o-2"))
    assert ids(held_back.settled()) == ["ship", "deliver"]


def test_what_waits_for_one_that_waits_goes_one_settling_later() -> None:
    held_back = HeldBack()
    assert held_back.goes(draft("reserve", key="item"))
    assert not held_back.goes(draft("ship", key="o-1", after=("item",)))
    assert not held_back.goes(draft("return", key="r-1", after=("o-1",)))
    assert ids(held_back.settled()) == ["ship"]
    assert ids(held_back.settled()) == ["return"]
    assert not held_back


def test_what_is_held_back_has_a_bound() -> None:
    held_back = HeldBack()
    held_back.goes(draft("reserve", key="item"))
    for number in range(DRAFTS):
        assert not held_back.is_full
        held_back.goes(draft(f"ship-{number}", key=f"o-{number}", after=("item",)))
    assert held_back.is_full
