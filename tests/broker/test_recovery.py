"""Rows come back as they were: from nothing, after a kill, on a standby, behind records that were aborted."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from tests.broker.depots import facts_of, rows_of, some_weighings
from tests.broker.kafka import Sent, eventually
from tests.lane.depot import PARTITIONS
from tests.running import wait_until

if TYPE_CHECKING:
    from tests.broker.depots import Depots
    from tests.broker.kafka import Kafka

SESSION = 6.0  # seconds: after which the group gives up on a worker that is gone


async def test_rows_come_back_from_the_changelogs(depots: Depots) -> None:
    weighings = some_weighings(200)
    workers = depots.workers
    workers.start("w1")
    workers.wait_ready("w1")
    async with depots.kafka() as kafka:
        await depots.weigh(kafka, weighings)
        workers["w1"].stop()
        expected = rows_of(weighings)
        assert depots.stored("w1") == expected

        # the disk is lost, and every changelog ends in aborted records and a marker (C26)
        shutil.rmtree(workers["w1"].data)
        for topic in ("depot-rows", "parcel-facts"):
            never = [Sent(partition, b"never", b"1 1") for partition in range(PARTITIONS)]
            await kafka.send_and_abort(depots.topic(topic), never)
        workers.start("w1")
        workers.wait_ready("w1")
        assert (_recovered(depots) or 0) >= len(expected) - 1, "every row was read, and told"

        # killed in the middle of work; its disk is kept, and is behind
        more = some_weighings(300)[200:]
        await kafka.send(depots.topic("parcels"), depots.records(more[:50]))
        workers["w1"].kill()
        await kafka.send(depots.topic("parcels"), depots.records(more[50:]))
        workers.start("w1")
        workers.wait_ready("w1")
        await kafka.settled(depots.group, depots.sources)
        assert await _facts(depots, kafka) == facts_of(weighings + more)
    workers["w1"].stop()
    assert depots.stored("w1") == rows_of(weighings + more)


def _recovered(depots: Depots) -> int | None:
    """Return the number of rows in the last progress line of w1, which must say that nothing is left."""
    lines = re.findall(
        r"recovery: ([\d,]+) rows, [\d,]+ rows/s, 0 partitions and 0 records left", depots.log("w1")
    )
    return int(lines[-1].replace(",", "")) if lines else None


async def _facts(depots: Depots, kafka: Kafka) -> dict[bytes, list[bytes]]:
    facts: dict[bytes, list[bytes]] = {}
    for record in await kafka.read(depots.topic("parcel-facts")):
        facts.setdefault(record.key or b"", []).append(record.value or b"")
    return facts


async def test_a_standby_has_the_rows_and_takes_over(depots: Depots) -> None:
    weighings = some_weighings(120)
    workers = depots.workers
    workers.start("w1", "w2")
    wait_until(
        "w1 and w2 share the partitions",
        lambda: [len(workers[name].partitions()) for name in ("w1", "w2")] == [PARTITIONS // 2] * 2,
        seconds=90,
    )
    async with depots.kafka() as kafka:
        await depots.weigh(kafka, weighings[:-3])
        await depots.weigh(
            kafka, weighings[-3:]
        )  # as long as that takes, the standby has for the rows before
        workers["w2"].kill()
        wait_until("w1 owns all", lambda: len(workers["w1"].partitions()) == PARTITIONS, seconds=SESSION + 90)
        loads = {
            key.decode(): row.decode()
            for (table, key), row in rows_of(weighings).items()
            if table == "depots"
        }
        assert {depot: depots.row("w1", "depots", depot) for depot in loads} == loads
        took = re.findall(r"recovery: ([\d,]+) rows.* 0 records left", depots.log("w1"))[-1]
        assert int(took) < 20, "the standby had nearly all of them: nothing is read again from the beginning"
    workers["w1"].stop()
    assert depots.stored("w1") == rows_of(weighings)


async def test_a_worker_that_comes_back_ends_the_transaction_that_it_left_open(depots: Depots) -> None:
    weighings = some_weighings(40)
    trap = depots.folder / "trap"
    workers = depots.workers
    workers.start("w1", environment={"DEPOT_TRAP": str(trap), "DEPOT_TRANSACTION_TIMEOUT": "600"})
    workers.wait_ready("w1")
    facts = depots.topic("parcel-facts")
    async with depots.kafka() as kafka:
        trap.touch()
        await kafka.send(depots.topic("parcels"), depots.records(weighings))
        wait_until("w1 dies before a commit", lambda: not workers["w1"].alive)
        trap.unlink()
        assert await kafka.ends(facts, "read_committed") != await kafka.ends(facts), "readers wait"
        assert await kafka.read(facts) == []

        workers.start("w1")

        async def free() -> bool:
            return await kafka.ends(facts, "read_committed") == await kafka.ends(facts)

        await eventually(lambda: "readers go on long before the transaction's own timeout", free, 90)
        workers.wait_ready("w1")
        await kafka.settled(depots.group, depots.sources)
        assert await _facts(depots, kafka) == facts_of(weighings)
    workers["w1"].stop()
    assert depots.stored("w1") == rows_of(weighings)


async def test_a_worker_that_comes_back_at_another_address_gets_its_share_again(depots: Depots) -> None:
    """The group knows it by its name, and would give it back what it had, its former address included."""
    workers = depots.workers
    workers.start("w1")
    workers.wait_ready("w1")
    workers["w1"].kill()
    workers["w1"].move()
    workers.start("w1")
    workers.wait_ready("w1")
    weighings = some_weighings(20)
    async with depots.kafka() as kafka:
        await depots.weigh(kafka, weighings)
        assert await _facts(depots, kafka) == facts_of(weighings)
    workers["w1"].stop()
