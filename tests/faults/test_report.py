"""A report says what was done, with what, and what came of it; as JSON and as a table."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from tests.faults.report import Report, longest_stalls
from tests.faults.verdict import Verdict, Violation, judge

if TYPE_CHECKING:
    from pathlib import Path

BAD = judge("nothing is twice", 7, iter([Violation("here", "twice"), Violation("there", "thrice", 2)]))
FAULTS = Counter({"kill at sent": 3})


def test_it_is_written_as_json(tmp_path: Path) -> None:
    Report("make chaos", 5, FAULTS, {"events": 7}, [BAD]).write(tmp_path / "report.json")
    body = json.loads((tmp_path / "report.json").read_text())
    assert body["violations"] == 2
    assert body["faults"] == {"kill at sent": 3}
    assert body["verdicts"][0]["worst"] == "there: thrice"
    assert body["made_with"]["aiokafka"]


def test_its_table_names_what_was_violated() -> None:
    table = Report("make chaos", 5, FAULTS, {"events": 7}, [BAD]).table()
    assert "| kill at sent | 3     |" in table
    assert "- first: here: twice" in table


def test_a_check_that_saw_nothing_is_not_clean() -> None:
    assert Report("make chaos", 5, FAULTS, {}, [Verdict("nothing is twice", 1, 0)]).clean
    assert not Report("make chaos", 5, FAULTS, {}, [Verdict("nothing is twice", 0, 0)]).clean


def test_a_stall_is_the_longest_time_between_two_records_of_a_partition() -> None:
    assert longest_stalls([0, 1, 0, 0, 1], [1.0, 1.5, 2.0, 9.0, 9.5]) == {0: 7.0, 1: 8.0}
