"""What is possible at all with this client, broker and machine: no decisions, no rows, the same sizes.

    python -m bench.limits BOOTSTRAP --count 200000

It runs as a process of its own, like a worker, with aiokafka as it is published.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

if TYPE_CHECKING:
    from bench.ground import Ground
    from bench.report import Figures

PARTITIONS, AT_ONCE = 8, 500  # records in a batch
KEY, VALUE = b"o-00000000", os.urandom(190).hex().encode()  # the mean size of a command
CYCLE = 4000  # records in a transaction


async def measure(ground: Ground, count: int) -> Figures:
    """Run this file as a process."""
    await ground.quiet()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.limits",
        ground.bootstrap,
        "--count",
        str(count),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    found: Figures = json.loads(output)
    return {"records": count, **found}


async def run(bootstrap: str, count: int) -> Figures:
    """Send, fetch, and pass on in transactions."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(name, PARTITIONS, 1) for name in ("limits-in", "limits-out")])
    await admin.close()
    found: Figures = {}
    for name, step in {"warm_up": send, "send": send, "fetch": fetch, "transactions": pass_on}.items():
        began, used = time.monotonic(), time.process_time()
        await step(bootstrap, count)
        seconds, used = time.monotonic() - began, time.process_time() - used
        if name != "warm_up":
            found |= {f"{name}_per_s": count / seconds, f"{name}_us_per_record": used / count * 1e6}
    return found


def _batch(producer: AIOKafkaProducer, values: list[bytes]) -> Any:
    batch = producer.create_batch()
    for value in values:
        batch.append(key=KEY, value=value, timestamp=None)
    batch.close()
    return batch


async def send(bootstrap: str, count: int) -> None:
    """`send_batch`, two batches a partition under way."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", max_batch_size=1 << 20)
    await producer.start()
    sent: list[Any] = []
    for number in range(count // AT_ONCE):
        batch = _batch(producer, [VALUE] * AT_ONCE)
        sent.append(await producer.send_batch(batch, "limits-in", partition=number % PARTITIONS))
        if len(sent) > 2 * PARTITIONS:
            await sent.pop(0)
    await asyncio.gather(*sent)
    await producer.stop()


async def _consumer(bootstrap: str) -> AIOKafkaConsumer:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        fetch_max_bytes=8 << 20,
    )
    await consumer.start()
    consumer.assign([TopicPartition("limits-in", number) for number in range(PARTITIONS)])
    return consumer


async def fetch(bootstrap: str, count: int) -> None:
    """`getmany`."""
    consumer = await _consumer(bootstrap)
    got = 0
    while got < count:
        got += sum(map(len, (await consumer.getmany(timeout_ms=1000)).values()))
    await consumer.stop()


async def pass_on(bootstrap: str, count: int) -> None:
    """Fetch, send the same bytes and the positions in a transaction, commit: one after the other."""
    consumer = await _consumer(bootstrap)
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, transactional_id="limits", acks="all", max_batch_size=4 << 20,
        max_request_size=8 << 20,
    )  # fmt: skip
    await producer.start()
    got = 0
    while got < count:
        batches = await consumer.getmany(timeout_ms=1000, max_records=CYCLE)
        if not batches:
            continue
        async with producer.transaction():
            sends = []
            for tp, records in batches.items():
                batch = _batch(producer, [record.value for record in records])
                sends.append(await producer.send_batch(batch, "limits-out", partition=tp.partition))
            await asyncio.gather(*sends)
            positions = {tp: records[-1].offset + 1 for tp, records in batches.items()}
            await producer.send_offsets_to_transaction(positions, "limits")
        got += sum(map(len, batches.values()))
    await producer.stop()
    await consumer.stop()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bootstrap")
    parser.add_argument("--count", type=int, default=200_000)
    args = parser.parse_args()
    print(json.dumps(uvloop.run(run(args.bootstrap, args.count // AT_ONCE * AT_ONCE))))


if __name__ == "__main__":
    main()
