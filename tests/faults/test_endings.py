"""All orders of the workload can be brought to their ends, and then nothing is left: without a broker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.audit.copies import copy_of
from tests.audit.lived import hand, lived
from tests.faults.checkers.audits import nothing_differs, nothing_is_left
from tests.faults.endings import endings
from tests.faults.history import EVENTS, Seen
from tests.faults.scene import ROUNDS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.agents.system import System


def seen(system: System) -> list[Seen]:
    return [Seen(each.partition, each.offset, each.key, each.value) for each in system.topics[EVENTS]]


async def test_every_life_comes_to_its_end_and_leaves_nothing(tmp_path: Path) -> None:
    system = lived(tmp_path, 1500)
    before = await copy_of(system).audit()
    assert not nothing_is_left(before).clean
    rounds = 0
    while rest := list(endings(seen(system))):
        assert rounds < ROUNDS
        rounds += 1
        for message in rest:
            hand(system, message)
        system.run()
    result = await copy_of(system).audit()
    system.close()
    assert not system.failed
    assert [nothing_differs("at the end", result).first, nothing_is_left(result).first] == [None, None]
    assert nothing_is_left(result).examined > 50
