"""A worker runs all agents, or those that it is told to: a name that nobody has is one line, before anything starts."""

import pytest

from app.lane.plan import Plan
from app.main import AGENTS, chosen, lane_config
from app.settings import Settings
from app.topics import DEAD_LETTERS


def test_all_agents_run_unless_some_are_named() -> None:
    assert chosen("") == AGENTS
    assert [each.name for each in chosen("project-orders, decide-orders")] == [
        "decide-orders",
        "project-orders",
    ]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("decide-orders,decide-order", "no agent is called decide-order; there are decide-orders, "),
        ("project-orders", "project-orders reads orders, which decide-orders writes"),
    ],
)
def test_a_choice_that_cannot_work_is_one_line(names: str, expected: str) -> None:
    with pytest.raises(SystemExit) as end:
        chosen(names)
    line = str(end.value)
    assert line.startswith(f"orderlane: AGENTS={names}: ")
    assert expected in line
    assert "\n" not in line


@pytest.mark.parametrize("name", [each.name for each in AGENTS if each.name.startswith("decide-")])
def test_a_deciding_agent_can_run_alone(name: str) -> None:
    assert Plan(lane_config(Settings()), chosen(name), DEAD_LETTERS).topics
