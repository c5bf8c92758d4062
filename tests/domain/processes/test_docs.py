"""docs/domain-processes.md shows what the code does: each arrow was seen in stories of random shops."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import pytest

from app.domain.processes.expiry import AUTHORIZATION, PAY, RETRY
from app.domain.processes.steps import BOUND, MINUTE, PROVIDER_BOUND, RETRY_AFTER, RETRY_AT_MOST, Step
from app.domain.processes.waiting import Stage
from tests.domain.pages import first_column, page
from tests.domain.processes.test_goods import APPROVED, CLOSED, back, inspected, received, requested, sold
from tests.domain.processes.test_histories import Shop

PAGE = page("domain-processes.md")
SEEDS: Final = range(20)


@cache
def seen() -> tuple[set[tuple[str, str, str]], set[tuple[str, str]]]:
    """Return each change of stage with what brought it about, and each step with what led to it."""
    stages, causes = set(), set()
    worlds = [back(sold(), "r", requested(), APPROVED, received(1), inspected(1), CLOSED).world]
    for seed in SEEDS:
        shop = Shop(seed)
        shop.live(400)
        shop.world.settle()
        worlds.append(shop.world)
    for world in worlds:
        for was, heard, now, commands in world.heard:
            if was is not now:
                stages.add(("[*]" if was is None else was.value, now.value, heard))
            causes |= {(heard, each.id.rsplit("/", 3)[1]) for each in commands}
    return stages, causes


def drawn_stages() -> set[tuple[str, str, str]]:
    return set(re.findall(r"^    (\S+) --> ([a-z-]+): ([a-z-]+)$", PAGE, re.MULTILINE))


def drawn_causes() -> set[tuple[str, str]]:
    return set(re.findall(r"^    ([a-z-]+) --> ([a-z-]+)$", PAGE, re.MULTILINE))


def test_every_arrow_of_the_checkout_is_a_change_that_the_code_makes() -> None:
    made, _ = seen()
    assert drawn_stages() <= made
    stages = {stage for arrow in drawn_stages() for stage in arrow[:2]} - {"[*]"}
    assert stages == {each.value for each in Stage} - {Stage.WATCHING}


def test_every_change_that_is_not_drawn_is_an_end_or_a_persons_doing() -> None:
    made, _ = seen()
    by_hand = {"order-confirmed", "order-lines-cancelled", "order-held", "order-released", "payment-captured"}
    for was, now, heard in made - drawn_stages():
        assert (
            now in {Stage.ENDING, Stage.ENDED}
            or heard in by_hand
            or (now, heard) == ("paying", "authorization-expired")
        ), (was, now, heard)


def test_every_arrow_to_a_step_is_a_cause_that_the_code_has() -> None:
    _, causes = seen()
    assert drawn_causes() <= causes


@pytest.mark.parametrize("step", Step)
def test_every_step_is_drawn(step: Step) -> None:
    assert step.value in {to for _, to in drawn_causes()}


def test_the_stages_and_timers_are_those_of_the_code() -> None:
    assert first_column(PAGE, "What a process waits for") == [each.value for each in Stage]
    assert first_column(PAGE, "Time") == [RETRY, PAY, AUTHORIZATION]


def test_the_times_are_those_of_the_code() -> None:
    hours = RETRY_AT_MOST.total_seconds() / 3600
    assert f"after {RETRY_AFTER.seconds} s, then twice as long each time, at most {hours:.0f} h" in PAGE
    assert (
        f"{BOUND // MINUTE} minutes for an answer of an aggregate, {PROVIDER_BOUND // MINUTE} for one" in PAGE
    )
