"""Rows follow from events: on the changelog, and in every RocksDB database, active or standby.

A `Projection` says for one table which rows the events of a partition make. The checks know nothing else about a
table. Of tables without one it is checked that all databases hold what their changelog does; the audit compares that
with the events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.faults.verdict import Verdict, Violation, Violations, judge

if TYPE_CHECKING:
    from tests.faults.history import Database, History

Rows = Mapping[bytes, Any]
Write = tuple[bytes, bytes | None]  # None deletes
SHARED = ("-rows", "-indexes")  # how changelogs of several tables end; their keys begin with the table


def same(value: bytes) -> Any:
    """Compare rows as the bytes that they are."""
    return value


@dataclass(frozen=True)
class Projection:
    """`wanted`: the rows of each partition, as `parse` reads them."""

    table: str
    wanted: Callable[[History], Mapping[int, Rows]]
    parse: Callable[[bytes], Any] = same
    title: str = ""

    @property
    def name(self) -> str:
        return self.title or self.table


def changelog_is_the_fold(history: History, projection: Projection) -> Verdict:
    """What the changelog makes, is what the events make."""
    wanted, writes = projection.wanted(history), _writes(history, projection.table)
    written = {partition: _fold(writes[partition]) for partition in range(history.partitions)}

    def violations() -> Violations:
        for partition, rows in written.items():
            where = f"{history.changelogs[projection.table]}[{partition}]"
            yield from _differences(where, _parsed(rows, projection), wanted.get(partition, {}))

    examined = sum(map(len, written.values()))
    return judge(f"changelog of {projection.name} is the fold of the events", examined, violations())


def databases_hold_what_is_committed(history: History, projection: Projection) -> Verdict:
    """A database holds the changelog up to the offset that it names, and not a row more.

    A row that the changelog writes again later is left out: compaction may have taken the earlier record.
    """
    writes, topic = _writes(history, projection.table), history.changelogs[projection.table]
    databases = [database for database in history.databases if database.table == projection.table]

    def violations() -> Violations:
        for database in databases:
            upto = _upto(database)
            end = history.ends.get((topic, database.partition))
            if end is not None and upto >= end:
                yield Violation(
                    database.where, f"names offset {upto}, the changelog ends at {end}", upto - end + 1
                )
            log = writes[database.partition]
            later = {write[0] for offset, write in log if offset > upto}
            due = _fold([(offset, write) for offset, write in log if offset <= upto])
            yield from _differences(
                database.where,
                _parsed({key: row for key, row in database.rows.items() if key not in later}, projection),
                _parsed({key: row for key, row in due.items() if key not in later}, projection),
            )

    examined = sum(len(database.rows) for database in databases)
    return judge(f"databases of {projection.name} hold what is committed", examined, violations())


def databases_become_the_fold(history: History, projection: Projection) -> Verdict:
    """A database and the rest of its changelog make what the events make: no more, no less."""
    wanted, writes = projection.wanted(history), _writes(history, projection.table)
    databases = [database for database in history.databases if database.table == projection.table]

    def violations() -> Violations:
        for database in databases:
            upto = _upto(database)
            rest = [(offset, write) for offset, write in writes[database.partition] if offset > upto]
            rows = _parsed(_fold(rest, database.rows), projection)
            yield from _differences(database.where, rows, wanted.get(database.partition, {}))

    examined = sum(len(database.rows) for database in databases)
    return judge(f"databases of {projection.name} become the fold of the events", examined, violations())


def others_hold_what_is_committed(history: History, projections: Iterable[Projection]) -> Verdict:
    """The databases hold the changelogs of all other tables in the same way."""
    return _together(
        "databases of all other tables hold what is committed",
        [databases_hold_what_is_committed(history, each) for each in _others(history, projections)],
    )


def others_become_their_changelog(history: History, projections: Iterable[Projection]) -> Verdict:
    """With the rest of their changelogs, all databases have the same rows."""
    return _together(
        "databases of all other tables become the same",
        [databases_become_the_fold(history, each) for each in _others(history, projections)],
    )


def _others(history: History, projections: Iterable[Projection]) -> list[Projection]:
    known = {projection.table for projection in projections}

    def projection(table: str) -> Projection:
        def wanted(history: History) -> Mapping[int, Rows]:
            return {partition: _fold(log) for partition, log in _writes(history, table).items()}

        return Projection(table, wanted)

    return [projection(table) for table in history.changelogs if table not in known]


def _together(check: str, verdicts: Sequence[Verdict]) -> Verdict:
    bad = [verdict for verdict in verdicts if not verdict.clean]
    if not bad:
        return Verdict(check, sum(verdict.examined for verdict in verdicts), 0)
    count = sum(verdict.count for verdict in bad)
    worst = max(bad, key=lambda verdict: verdict.count)
    examined = sum(verdict.examined for verdict in verdicts)
    return Verdict(check, examined, count, bad[0].first, worst.worst, bad[-1].last)


def _upto(database: Database) -> int:
    return -1 if database.upto is None else database.upto


def _writes(history: History, table: str) -> dict[int, list[tuple[int, Write]]]:
    found: dict[int, list[tuple[int, Write]]] = {partition: [] for partition in range(history.partitions)}
    for seen in history.writes[table]:
        assert seen.key is not None
        found[seen.partition].append((seen.offset, (seen.key, seen.value)))
    return found


def _fold(
    writes: Iterable[tuple[int, Write]], start: Mapping[bytes, bytes] | None = None
) -> dict[bytes, bytes]:
    rows = dict(start or {})
    for _, (key, row) in writes:
        if row is None:
            rows.pop(key, None)
        else:
            rows[key] = row
    return rows


def _parsed(rows: Mapping[bytes, bytes], projection: Projection) -> Rows:
    return {key: projection.parse(row) for key, row in rows.items()}


def _differences(where: str, held: Rows, wanted: Rows) -> Violations:
    for key in sorted(held.keys() | wanted.keys()):
        if key not in wanted:
            yield Violation(where, f"{key!r} is there and no event makes it")
        elif key not in held:
            yield Violation(where, f"{key!r} is missing")
        elif held[key] != wanted[key]:
            is_, due = _where_they_differ(held[key], wanted[key])
            yield Violation(where, f"{key!r} is {is_}, the events make {due}")


def _where_they_differ(held: Any, wanted: Any) -> tuple[str, str]:
    if isinstance(held, dict) and isinstance(wanted, dict):
        names = [name for name in held.keys() | wanted.keys() if held.get(name) != wanted.get(name)]
        held, wanted = ({name: row.get(name) for name in sorted(names)} for row in (held, wanted))
    return _short(held), _short(wanted)


def _short(row: Any, limit: int = 300) -> str:
    text = repr(row)
    return text if len(text) <= limit else f"{text[:limit]}..."
