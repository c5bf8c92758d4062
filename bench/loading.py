"""Puts commands on `order-commands` as fast as they can be made, or (as a process of its own) at a steady rate.

    python -m bench.loading BOOTSTRAP --skip 20000 --rate 2000 --seconds 10

The process prints, as JSON, when it sent each command id for the first time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec
import uvloop
from aiokafka import AIOKafkaProducer

from app.lane.partition import partition_of
from bench.load import checkouts, stream

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.load import Made

TOPIC, PARTITIONS = "order-commands", 8
_IN_FLIGHT = 16  # batches


class _Id(msgspec.Struct):
    id: str


command_id = msgspec.json.Decoder(_Id).decode


async def load(bootstrap: str, commands: Iterable[Made], topic: str = TOPIC) -> None:
    """Send all of it, in batches."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", max_batch_size=1 << 19)
    await producer.start()
    sent: list[Any] = []
    filling = [producer.create_batch() for _ in range(PARTITIONS)]

    async def send(partition: int) -> None:
        batch, filling[partition] = filling[partition], producer.create_batch()
        batch.close()
        sent.append(await producer.send_batch(batch, topic, partition=partition))
        if len(sent) > _IN_FLIGHT:
            await sent.pop(0)

    for key, value, headers in commands:
        at = partition_of(key, PARTITIONS)
        if filling[at].append(key=key, value=value, timestamp=None, headers=[*headers]) is None:
            await send(at)
            filling[at].append(key=key, value=value, timestamp=None, headers=[*headers])
    for at in range(PARTITIONS):
        if filling[at].record_count():
            await send(at)
    await asyncio.gather(*sent)
    await producer.stop()


async def pace(bootstrap: str, commands: Iterable[Made], rate: float) -> dict[str, float]:
    """Send one command after the other, each at its time. Return when each id was sent first."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    sent: dict[str, float] = {}
    began = time.monotonic()
    for number, (key, value, headers) in enumerate(commands):
        ahead = began + number / rate - time.monotonic()
        await asyncio.sleep(max(0.0, ahead))  # even if it is late: the producer needs its turn
        at = partition_of(key, PARTITIONS)
        sent.setdefault(command_id(value).id, time.time())
        await producer.send(TOPIC, value, key=key, partition=at, headers=[*headers])
    await producer.stop()
    return sent


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bootstrap")
    parser.add_argument("--skip", type=int, default=0, help="commands of the stream that were sent before")
    parser.add_argument("--rate", type=float, default=500, help="commands a second")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--checkouts", action="store_true", help="orders with a checkout, and nothing else")
    args = parser.parse_args()
    count = args.skip + int(args.rate * args.seconds)
    commands = list(
        islice((checkouts if args.checkouts else stream)(count), args.skip, None)
    )  # made before the clock runs
    json.dump(uvloop.run(pace(args.bootstrap, commands, args.rate)), sys.stdout)


if __name__ == "__main__":
    main()
