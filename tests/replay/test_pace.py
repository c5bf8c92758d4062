"""When a command is due."""

import argparse
import math
from datetime import UTC, datetime, timedelta

import pytest

from app.cli.replay.command import arguments, speed
from app.cli.replay.pace import Pace

START = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)


class Clock:
    now = 500.0

    def __call__(self) -> float:
        return self.now


def test_an_hour_takes_three_point_six_seconds_at_a_thousand_times_reality() -> None:
    clock = Clock()
    pace = Pace(1000, clock)
    assert pace.seconds_until(START) == 0
    assert pace.seconds_until(START + timedelta(hours=1)) == pytest.approx(3.6)
    clock.now += 3
    assert pace.seconds_until(START + timedelta(hours=1)) == pytest.approx(0.6)


def test_what_is_late_is_due_at_once() -> None:
    clock = Clock()
    pace = Pace(1000, clock)
    pace.seconds_until(START)
    clock.now += 10
    assert pace.seconds_until(START + timedelta(hours=1)) == 0


def test_at_full_speed_nothing_waits() -> None:
    pace = Pace(math.inf)
    pace.seconds_until(START)
    assert pace.seconds_until(START + timedelta(days=365)) == 0


def test_the_speed_is_max_or_a_multiple_of_reality() -> None:
    assert (speed("max"), speed("1000x"), speed("0.5x")) == (math.inf, 1000, 0.5)
    for wrong in ("fast", "1000", "0x", "-1x", "nanx", ""):
        with pytest.raises(argparse.ArgumentTypeError, match="neither max nor"):
            speed(wrong)


def test_the_speed_of_a_command_line_without_one_is_max(capsys: pytest.CaptureFixture[str]) -> None:
    given = arguments().parse_args(["northwind", "somewhere"])
    assert given.speed == math.inf
    assert given.wait
    with pytest.raises(SystemExit):
        arguments().parse_args(["northwind", "somewhere", "--speed", "fast"])
    assert "'fast' is neither max nor" in capsys.readouterr().err
