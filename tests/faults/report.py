"""The report of a run: everything as JSON, and the same as a table for people."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.faults.checkers.decisions import value_moved
from tests.faults.checkers.delivery import aborted_events
from tests.faults.lives import LIFE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.faults.history import History
    from tests.faults.verdict import Verdict


def surroundings() -> dict[str, str]:
    """Return what a run was made with: commit, Python, libraries, machine."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    libraries = {name: version(name) for name in ("faust-streaming", "aiokafka", "rocksdict")}
    return {
        "commit": commit.stdout.strip() or "unknown",
        "python": platform.python_version(),
        **libraries,
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
    }


@dataclass
class Report:
    """Of one run. `figures` are counts and seconds, by name."""

    command: str
    seed: int
    faults: Mapping[str, int]
    figures: dict[str, float] = field(default_factory=dict)
    verdicts: Sequence[Verdict] = ()
    exits: Sequence[str] = ()
    notes: Sequence[str] = ()
    made_with: dict[str, str] = field(default_factory=surroundings)

    def __post_init__(self) -> None:
        self.faults = dict(self.faults)

    @property
    def violations(self) -> int:
        return sum(verdict.count for verdict in self.verdicts)

    @property
    def clean(self) -> bool:
        """Nothing violated, and each check had something to look at."""
        return self.violations == 0 and all(verdict.examined for verdict in self.verdicts)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "violations": self.violations}

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(self.as_json(), indent=2) + "\n")

    def table(self) -> str:
        """Markdown that reads well without a renderer."""
        lines = [f"`{self.command}`, seed {self.seed}", ""]
        lines += ["; ".join(f"{name} {value}" for name, value in self.made_with.items()), ""]
        lines += _rows(("fault", "times"), sorted(self.faults.items()))
        lines += _rows(
            ("figure", "value"), [(name, f"{value:,.10g}") for name, value in self.figures.items()]
        )
        lines += _rows(
            ("check", "examined", "violations"),
            [(verdict.check, f"{verdict.examined:,}", verdict.count) for verdict in self.verdicts],
        )
        for verdict in self.verdicts:
            if not verdict.clean:
                lines += [f"**{verdict.check}**", f"- first: {verdict.first}"]
                lines += [f"- worst: {verdict.worst}", f"- last: {verdict.last}", ""]
        lines += [f"- {line}" for line in [*self.exits, *self.notes]]
        return "\n".join(lines).rstrip() + "\n"


def write_all(path: Path, reports: Mapping[str, Report]) -> None:
    """Write several runs into one file, by name."""
    path.write_text(json.dumps({name: report.as_json() for name, report in reports.items()}, indent=2) + "\n")


def figures_of(history: History) -> dict[str, float]:
    """Return how much happened, for a reader who asks whether the run proves anything."""
    placed, cancelled = value_moved(history)
    accepted = sum(1 for outcome in history.outcomes if outcome.code is None)
    return {
        "commands acknowledged": len(history.acks),
        "different commands": len(history.first_commands),
        "repeated commands": len(history.commands) - len(history.first_commands),
        "undecodable or misplaced records": len(history.poison),
        "accepted": accepted,
        "refused": len(history.outcomes) - accepted,
        "of them by processes and providers": sum(
            1 for outcome in history.outcomes if outcome.asked_by != outcome.command
        ),
        "events": len(history.all_events),
        "events of aborted transactions in the log": aborted_events(history),
        "orders": len({event.order for event in history.events}),
        "of them with a whole life": sum(
            1 for event in history.events if event.version == 1 and event.order.startswith(LIFE)
        ),
        "placed (cents)": placed,
        "cancelled (cents)": cancelled,
        "databases": len({(database.worker, database.partition) for database in history.databases}),
        "of them complete, without the rest of their changelogs": complete_databases(history),
        "rows in databases": sum(len(database.rows) for database in history.databases),
    }


def complete_databases(history: History) -> int:
    """Count the databases, active or standby, that hold their changelogs to the last record."""
    last: dict[tuple[str, int], int] = {}
    for table, writes in history.writes.items():
        for seen in writes:
            last[table, seen.partition] = seen.offset
    behind = {
        (database.worker, database.partition)
        for database in history.databases
        if (-1 if database.upto is None else database.upto)
        < last.get((database.table, database.partition), -1)
    }
    return len({(database.worker, database.partition) for database in history.databases} - behind)


def longest_stalls(partitions: Sequence[int], times: Sequence[float], floor: float = 0) -> dict[int, float]:
    """Return for each partition the longest time between two records of it, in seconds."""
    last: dict[int, float] = {}
    longest: dict[int, float] = {}
    for partition, at in zip(partitions, times, strict=True):
        longest[partition] = max(longest.get(partition, floor), at - last.get(partition, at))
        last[partition] = at
    return longest


def _rows(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    if not rows:
        return []
    cells = [[str(cell) for cell in row] for row in [head, *rows]]
    wide = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, wide, strict=True)) + " |"
        for row in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in wide) + "|")
    return [*lines, ""]
