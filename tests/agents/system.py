"""All agents of the application on real tables, with topics that are lists: no broker, and any order of events.

What a lane promises is kept: records of a partition in order, all effects of a batch at once. Which partition goes next
is drawn by a seed.
"""

from __future__ import annotations

import random
from collections import defaultdict, deque
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.lane.declare import Record
from app.lane.partition import partition_of
from app.lane.plan import Plan
from app.lane.rows import Rows
from app.lane.store import Stores
from app.lane.ticks import due_of, tick
from app.lane.turn import Turn
from app.main import AGENTS, lane_config
from app.settings import Settings
from app.topics import DEAD_LETTERS
from app.wire.contracts import CARTS, ORDERS, RETURNS, STOCK
from app.wire.outcomes import Outcome, decode_outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from app.lane.declare import AnyTable, Table
    from app.wire.contract import Contract

PARTITIONS = 4


class System:
    """One worker that owns everything. `now` is its clock."""

    def __init__(self, folder: Path, seed: int = 1) -> None:
        config = lane_config(Settings(data_dir=folder, partitions=PARTITIONS))
        self.plan = Plan(config, AGENTS, DEAD_LETTERS)
        self._stores = Stores(folder, 16 << 20)
        self._rows = [Rows(n, self._stores.open(n), self.plan, 1000) for n in range(PARTITIONS)]
        self._turn = Turn(self.plan, PARTITIONS, 900_000)
        self._random = random.Random(seed)  # noqa: S311 - an order of events, not a secret
        self._waiting: dict[tuple[str, int], deque[Record]] = defaultdict(deque)
        self.topics: dict[str, list[Record]] = defaultdict(list)
        self.handed: list[Record] = []  # what never was on a topic
        self.failed: list[tuple[Record, Exception]] = []
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)
        self._sent = 0

    def ask(self, contract: Contract, topic: str, subject: str, *data: Any, **attributes: Any) -> list[str]:
        """Send commands to a subject. Return their ids."""
        ids = []
        for each in data:
            self._sent += 1
            command_id = attributes.pop("id", None) or f"cmd-{self._sent}"
            value = contract.encode_command(id=command_id, subject=subject, data=each, **attributes)
            self._append(topic, partition_of(subject.encode(), PARTITIONS), subject.encode(), value, ())
            ids.append(command_id)
        return ids

    def run(self, most: int = 100_000) -> System:
        """Let all lanes work until nothing waits."""
        for _ in range(most):
            if not self.step():
                return self
        raise AssertionError(
            f"there is no end to it: {[at for at, records in self._waiting.items() if records]}"
        )

    def step(self) -> bool:
        """Let one lane work for a cycle. False: nothing waits."""
        waiting = [at for at, records in self._waiting.items() if records]
        if waiting:
            at = self._random.choice(waiting)
            queue = self._waiting[at]
            self._cycle(at, [queue.popleft() for _ in range(self._random.randint(1, len(queue)))])
        return bool(waiting)

    def wait(self, **how_long: float) -> System:
        """Let time go by, and have every timer fire when it is due."""
        end = self.now + timedelta(**how_long)
        while True:
            self.run()
            due = [
                (due_of(first)[0], lane, first)
                for lane in self._lanes_with_timers()
                if (first := self._rows[lane[1]].due[lane[2]].first()) is not None
            ]
            moment, (topic, partition, _), first = min(due, default=(None, ("", 0, None), b""))
            if moment is None or moment > end.timestamp() * 1000:
                self.now = end
                return self
            self.now = max(self.now, datetime.fromtimestamp(moment / 1000, UTC))
            self._append(topic, partition, *tick(partition, PARTITIONS, first))

    def row(self, table: AnyTable, of: str, key: bytes | None = None) -> Any:
        """Return a row, on the partition of `of`, or None."""
        partition = partition_of(of.encode(), PARTITIONS)
        stored = self._stores.open(partition).get(self.plan.prefix[table] + (key or of.encode()))
        return None if stored is None else table.decode(stored)

    def rows(self, table: AnyTable, prefix: bytes = b"") -> list[Any]:
        """Return the rows of all partitions whose keys begin so, in the order of their keys."""
        start = self.plan.prefix[table] + prefix
        found = [
            item
            for n in range(PARTITIONS)
            for item in self._stores.open(n).scan(start, start + b"\xff", 1_000_000)
            if item[0].startswith(start)
        ]
        return [table.decode(value) for _, value in sorted(found)]

    def outcome(self, command_id: str) -> Outcome:
        """Return the one outcome of a command."""
        (found,) = [r.value for r in self.topics["command-outcomes"] if r.key == command_id.encode()]
        assert found is not None
        return decode_outcome(found)

    def close(self) -> None:
        """Close it, having read every event that was written: what cannot be read is lost to all that follow."""
        self._stores.close()
        for contract, topic in ((ORDERS, "order"), (STOCK, "stock"), (RETURNS, "return"), (CARTS, "cart")):
            for record in self.topics[f"{topic}-events"]:
                contract.decode_event(record.value or b"")

    def _lanes_with_timers(self) -> list[tuple[str, int, Table[Any]]]:
        return [
            (agent.source.name, number, agent.timers)
            for agent in self.plan.agents.values()
            if agent.timers is not None
            for number in range(PARTITIONS)
        ]

    def _append(
        self, topic: str, partition: int, key: bytes | None, value: bytes | None, headers: Any
    ) -> None:
        record = Record(topic, partition, len(self.topics[topic]), 0, key, value, headers)
        self.topics[topic].append(record)
        if topic in self.plan.agents:
            self._waiting[topic, partition].append(record)
        elif topic in self.plan.indexes:
            self._stores.open(partition).apply(self.plan.changes(topic, [record]), ())

    def _cycle(self, at: tuple[str, int], records: Sequence[Record]) -> None:
        rows, turn = self._rows[at[1]], self._turn
        now = self.now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        turn.begin(now, int(self.now.timestamp() * 1000))
        turn.enter(rows)
        for record in records:
            self._decide(record, turn)
            for handed in turn.handed:  # it grows
                self._decide(handed, turn)
            self.handed += turn.handed
            turn.handed.clear()
        outputs = turn.outputs
        changes = [
            (self.plan.prefix[table] + key, value)
            for table, entries in rows.launch().items()
            for key, (_, value) in entries.items()
        ]
        rows.store.apply(changes, ())
        rows.landed()
        for (topic, partition), emitted in outputs.items():
            for key, value, headers in emitted:
                self._append(topic, partition, key, value, headers)

    def _decide(self, record: Record, turn: Turn) -> None:
        agent = self.plan.agents[record.topic]
        turn.record = record
        try:
            agent.handler(agent.decode(record), turn)
        except Exception as error:  # noqa: BLE001 - a test says which are right
            turn.undo()
            self.failed.append((record, error))
        turn.steps.clear()
