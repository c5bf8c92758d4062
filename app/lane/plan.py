"""What follows from an application's declarations: which topic backs which table, who reads what, where it goes."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from app.lane.declare import Agent, AnyTable, Index, Keep, Record, Topic, TopicTable
from app.lane.store import Change, row_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from app.lane.config import LaneConfig


class Plan:
    """The declarations of one application, looked at from every side that the engine needs."""

    def __init__(self, config: LaneConfig, agents: Sequence[Agent[Any]], dead_letters: Topic) -> None:
        self.agents = {agent.source.name: agent for agent in agents}
        self.dead_letters = dead_letters
        self.tables: tuple[AnyTable, ...] = tuple(dict.fromkeys(t for agent in agents for t in agent.tables))
        self.prefix = {table: row_key(table.name, b"") for table in self.tables}
        self.changelog = {table: _changelog(config, table) for table in self.tables}
        self.rows_topic = config.rows_topic
        self.by_changelog: dict[str, list[AnyTable]] = defaultdict(list, {self.rows_topic: []})
        for table, topic in self.changelog.items():
            self.by_changelog[topic].append(table)
        # written by all lanes, applied by the owner of the partition once it is committed
        self.indexes = frozenset(self.changelog[table] for table in self.tables if isinstance(table, Index))
        # changelogs that only the partition's own lanes write
        self.own = frozenset(self.by_changelog) - self.indexes
        self.timers = frozenset(agent.timers for agent in agents if agent.timers is not None)
        emitted = {topic.name: topic for agent in agents for topic in agent.emits}
        # what a lane emits to these becomes rows of its own partition, so it stays there
        self.derived: dict[str, tuple[TopicTable[Any], ...]] = {
            name: tuple(t for t in self.by_changelog[name] if isinstance(t, TopicTable))
            for name in self.by_changelog
        }
        self.local = frozenset(name for name, tables in self.derived.items() if tables) | {dead_letters.name}
        self.emitted = self.local | frozenset(emitted)
        # sources whose records must lie where their keys belong: all but those that stay on their lane's partition
        self.foreign = frozenset(self.agents) - self.local
        self.internal = tuple(
            Topic(name, Keep.LATEST, settings=_DELETIONS_STAY)
            for name in (self.rows_topic, *sorted(self.indexes))
        )
        declared = [*(a.source for a in agents), *emitted.values(), dead_letters]
        declared += [table.topic for table in self.tables if isinstance(table, TopicTable)]
        self.topics: tuple[Topic, ...] = (*{t.name: t for t in declared}.values(), *self.internal)
        self.keep = {topic.name: topic.keep for topic in self.topics}
        self._check(agents)

    def changes(self, changelog: str, records: Iterable[Record]) -> list[Change]:
        """Return what records of a changelog topic do to the rows of their partition."""
        tables = [table for table in self.by_changelog[changelog] if isinstance(table, TopicTable)]
        if not tables:  # rows, under the very keys that the database has
            return [(record.key, record.value) for record in records if record.key is not None]
        return [
            (self.prefix[table] + key, value)
            for table in tables
            for record in records
            if record.key is not None and record.value is not None
            for key, value in [table.row(record.key, record.value)]
        ]

    def _check(self, agents: Sequence[Agent[Any]]) -> None:
        """Refuse declarations that cannot work, where a stack trace still points at them."""
        if len(self.agents) < len(agents):
            raise ValueError("two agents have the same source topic")
        if len({table.name for table in self.tables}) < len(self.tables):
            raise ValueError("two tables have the same name")
        if not self.timers <= set(self.tables):
            raise ValueError("an agent's timers are not among its tables")
        if bad := [table.name for table in self.tables if not table.name[:1].isalpha() or "\0" in table.name]:
            raise ValueError(f"a table's name starts with a letter: {bad}")


def _changelog(config: LaneConfig, table: AnyTable) -> str:
    """Return the topic of a table's changes. Tables share one: each partition of it costs every transaction time."""
    if isinstance(table, TopicTable):
        return table.topic.name
    return config.indexes_topic if isinstance(table, Index) else config.rows_topic


_DELETIONS_STAY = {"delete.retention.ms": str(48 * 3_600_000)}  # longer than store.STALE_AFTER
