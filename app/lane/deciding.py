"""Deciding: the handlers of the agents, over the records that a cycle took, one at a time.

What a handler hands over to an agent of its own partition is decided right behind its record, in the same transaction.
"""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from app.lane.dead_letters import dead_letter
from app.lane.partition import misplaced, partition_of
from app.lane.turn import Turn

if TYPE_CHECKING:
    from app.lane.batch import Batch, Stats
    from app.lane.config import LaneConfig
    from app.lane.declare import Agent, Record
    from app.lane.plan import Plan

log = logging.getLogger(__name__)

_LOOK_AT_CLOCK = 8  # records between two looks


class Decider:
    """Runs the handlers. One for all lanes of a tenure."""

    def __init__(self, config: LaneConfig, plan: Plan, stats: Stats) -> None:
        self._config, self._plan, self._stats = config, plan, stats
        self._turn = Turn(plan, config.partitions, config.max_record_bytes)

    async def decide(self, batch: Batch) -> None:
        """Decide what a batch took since. Between slices the event loop is free for others."""
        turn, steps, handed, partitions = (
            self._turn, self._turn.steps, self._turn.handed, self._config.partitions
        )  # fmt: skip
        if not batch.decided:
            now = datetime.now(UTC)
            turn.begin(
                now.isoformat(timespec="milliseconds").replace("+00:00", "Z"), int(now.timestamp() * 1000)
            )
        shares, batch.decided = batch.undecided, len(batch.shares)
        look, slice_ends = _LOOK_AT_CLOCK, time.perf_counter() + self._config.slice_seconds
        for lane, records, _ in shares:
            agent = lane.agent
            decode, handler, foreign = agent.decode, agent.handler, agent.source.name in self._plan.foreign
            turn.enter(lane.rows)
            partition = lane.source.partition
            for record in records:
                turn.record = record
                try:
                    if foreign and (record.key is None or partition_of(record.key, partitions) != partition):
                        raise misplaced(record, partitions)  # noqa: TRY301 - a dead letter like any other
                    handler(decode(record), turn)
                except Exception as error:  # noqa: BLE001 - whatever it is, the record must not be lost
                    self._bury(record, agent, error)
                steps.clear()
                if handed:
                    look = max(1, look - self._hand_over(handed))
                look -= 1
                if not look:
                    look = _LOOK_AT_CLOCK
                    if time.perf_counter() >= slice_ends:
                        await asyncio.sleep(0)
                        slice_ends = time.perf_counter() + self._config.slice_seconds
        batch.outputs, batch.now_ms = turn.outputs, turn.now_ms

    def _hand_over(self, handed: list[Record]) -> int:
        """Decide what was handed over, and what follows from it. Return how many records that were."""
        turn, agents, steps, done = self._turn, self._plan.agents, self._turn.steps, 0
        while done < len(handed):  # it grows
            record = handed[done]
            done += 1
            agent = agents[record.topic]
            turn.record = record
            try:
                agent.handler(agent.decode(record), turn)
            except Exception as error:  # noqa: BLE001 - what was done before it stands
                self._bury(record, agent, error)
            steps.clear()
        handed.clear()
        return done

    def _bury(self, record: Record, agent: Agent[Any], error: Exception) -> None:
        turn, config = self._turn, self._config
        turn.undo()
        letter = dead_letter(
            turn, record, agent.name, config.worker_id, error, attempt=1, limit=config.max_record_bytes
        )
        turn.bury(self._plan.dead_letters.name, letter)
        self._stats.dead_letters += 1
        log.warning("dead letter: %s-%s@%s: %r", record.topic, record.partition, record.offset, error)
