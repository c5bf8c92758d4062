"""`python -m app audit` as an operator types it: what it prints, and its exit codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from app.__main__ import main
from app.cli.audit.auditing import Result
from app.wire.events import UnknownEvent
from tests.running import free_port

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result as Ran


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    def run(found: Result | Exception, *options: str) -> Ran:
        async def audited(*_: Any, **__: Any) -> Result:
            if isinstance(found, Exception):
                raise found
            return found

        monkeypatch.setattr("app.cli.audit.command.audited", audited)
        return CliRunner().invoke(main, ["audit", *options])

    return run


def found(*orders: str) -> Result:
    result = Result()
    for order in orders:
        result.findings.differ("due", order, "is 7, and should be 0")
    result.findings.differ("due", "o-9", "is 7, and should be 0", "waits for refund r-1 of p-1")
    result.sums["due EUR"] = 7
    return result


def test_nothing_differs_though_something_is_in_flight(run: Callable[..., Ran]) -> None:
    ran = run(found())
    assert ran.exit_code == 0
    assert ran.stdout.splitlines() == [
        "in flight  o-9: waits for refund r-1 of p-1 (due: is 7, and should be 0)",
        "               7  due EUR",
        "nothing differs",
    ]


def test_a_difference_is_a_line_and_an_exit_code(run: Callable[..., Ran]) -> None:
    ran = run(found("o-1", "o-2", "o-3"), "--limit", "2")
    assert ran.exit_code == 1
    assert ran.stdout.splitlines()[:3] == [
        "due  o-1: is 7, and should be 0",
        "due  o-2: is 7, and should be 0",
        "... and 1 more",
    ]
    assert ran.stdout.splitlines()[-1] == "3 differences"


def test_what_cannot_be_audited_is_said_in_one_line(run: Callable[..., Ran]) -> None:
    ran = run(UnknownEvent("order-teleported.v1", "o-1@2"))
    assert ran.exit_code == 2
    assert "order-teleported.v1" in ran.stderr
    assert "audit with the release that wrote it" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("environment", "says"),
    [({"PARTITIONS": "many"}, "PARTITIONS=many"), ({"KAFKA_URL": "nowhere"}, "KAFKA_URL")],
)
def test_a_wrong_setting_is_said_in_one_line(environment: dict[str, str], says: str) -> None:
    ran = CliRunner().invoke(main, ["audit"], env=environment)
    assert ran.exit_code == 2
    assert says in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_a_broker_that_is_not_there_is_said_in_one_line() -> None:
    ran = CliRunner().invoke(main, ["audit"], env={"KAFKA_URL": f"127.0.0.1:{free_port()}"})
    assert ran.exit_code == 2
    assert "does not answer" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
