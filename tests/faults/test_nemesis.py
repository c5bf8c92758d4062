"""The plan of the nemesis does what a run promises."""

from __future__ import annotations

from collections import Counter

from tests.faults.nemesis import POINTS, Step, plan


def test_a_short_plan_comes_to_every_point() -> None:
    steps = plan(seed=1, kills=len(POINTS), stops=1, joins=0)
    assert {step.point for step in steps if step.act == "kill"} == set(POINTS)


def test_a_long_plan_has_as_many_of_each_as_asked_for() -> None:
    steps = plan(seed=1, kills=200, stops=12, joins=3)
    assert Counter(step.act for step in steps) == {"kill": 200, "stop": 12, "join": 3, "leave": 3}
    assert 60 < sum(1 for step in steps if step.act == "kill" and step.point) < 140


def test_a_guest_leaves_before_the_next_one_joins() -> None:
    moves = [step.act for step in plan(seed=1, kills=20, stops=0, joins=3) if step.act in ("join", "leave")]
    assert moves == ["join", "leave"] * 3


def test_there_is_harm_between_a_join_and_its_leave() -> None:
    steps = plan(seed=1, kills=20, stops=0, joins=2)
    assert steps.index(Step("leave")) - steps.index(Step("join")) > 1
