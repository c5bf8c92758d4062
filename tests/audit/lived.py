"""A system in which orders have lived: the workload of the fault tests, through all agents, without a broker."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from app.lane.partition import partition_of
from tests.agents.system import PARTITIONS, System
from tests.faults import lives
from tests.faults.workload import Workload

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.workload import Message

TOGETHER = 5  # messages that come at once


def lived(folder: Path, messages: int, seed: int = 1) -> System:
    """Return a system that had so many messages, and is quiet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            lives, "PATIENCE", 2000
        )  # messages: a run this short must not wait as long as a long one
        return _lived(folder, messages, seed)


def _lived(folder: Path, messages: int, seed: int) -> System:
    system = System(folder, seed)
    workload = Workload(seed, orders=40, opened=system.now, lives=90)
    told = 0
    for number, message in enumerate(islice(workload, messages)):
        if message.command is None:
            continue
        hand(system, message)
        if number % TOGETHER == 0:
            system.run()
        if number % (TOGETHER * 10) == 0:
            system.wait(seconds=1)
        events = system.topics["order-events"]
        for record in events[told:]:
            body = json.loads(record.value or b"")
            workload.tell(body["subject"], body["type"])
        told = len(events)
    return system.wait(minutes=10)


def hand(system: System, message: Message) -> None:
    """Let a message come in, where its key is at home."""
    partition = partition_of(message.key, PARTITIONS)
    system._append(message.topic, partition, message.key, message.value, ())
