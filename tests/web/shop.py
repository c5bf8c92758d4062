"""A shop on real workers: places and cancels orders by commands on Kafka, and asks for them by HTTP."""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from yarl import URL

from app.domain.order.commands import CancelLines, OrderCommand, UnitsToCancel
from app.lane.partition import partition_of
from app.topics import ORDER_COMMANDS
from app.wire.contracts import ORDERS
from app.wire.types import COMMAND_HEADERS
from tests.web.stored import FACTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from app.lane.declare import Topic
    from app.wire.contract import Contract
    from tests.running import Worker, Workers

PARTITIONS = 8
OK = 200
LONGEST = 12.0  # seconds that any answer may take: the patience of the router (5), and a slow machine


class Answer(NamedTuple):
    """An answer, or status 0 when the connection failed. `seconds`: how long it took."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    @property
    def json(self) -> Any:
        """Return the body, decoded."""
        return msgspec.json.decode(self.body)


class Shop:
    """Broker, workers, and what was ordered: the id of each order's last command, and its version."""

    def __init__(self, kafka: str, workers: Workers) -> None:
        self.kafka = kafka
        self.workers = workers
        self.last: dict[str, str] = {}
        self.versions: dict[str, int] = {}

    @asynccontextmanager
    async def desk(self) -> AsyncIterator[Desk]:
        """Open the connections that one test needs."""
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka, enable_idempotence=True)
        await producer.start()
        timeout = ClientTimeout(total=20)
        try:
            async with ClientSession(cookie_jar=DummyCookieJar(), timeout=timeout) as http:
                yield Desk(self, producer, http)
        finally:
            await producer.stop()

    def owner(self, order_id: str) -> Worker:
        """Return the worker that owns an order, by its own word."""
        partition = partition_of(order_id.encode(), PARTITIONS)
        for worker in self.workers:
            if worker.alive and partition in worker.partitions():
                return worker
        raise AssertionError(f"nobody owns partition {partition}")

    async def read_all(self, topic: str) -> list[tuple[bytes, bytes]]:
        """Return key and value of every committed record of a topic."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.kafka, isolation_level="read_committed", enable_auto_commit=False
        )
        await consumer.start()
        try:
            places = [TopicPartition(topic, number) for number in range(PARTITIONS)]
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            ends = await consumer.end_offsets(places)
            records = []
            async with asyncio.timeout(30):
                while any([await consumer.position(place) < ends[place] for place in places]):
                    for batch in (await consumer.getmany(timeout_ms=200)).values():
                        records += [(record.key, record.value) for record in batch]
            return records
        finally:
            await consumer.stop()


class Desk:
    """The connections of one test."""

    def __init__(self, shop: Shop, producer: AIOKafkaProducer, http: ClientSession) -> None:
        self.shop, self._producer, self.http = shop, producer, http

    async def place(self, order_id: str, customer_id: str = "c-1", minute: int = 0) -> str:
        """Ask for an order to be placed. Returns the command's id, not waiting for its outcome."""
        placed_at = FACTS.placed_at + timedelta(minutes=minute)
        facts = msgspec.structs.replace(FACTS, customer_id=customer_id, placed_at=placed_at)
        return await self._send(order_id, facts)

    async def cancel_a_unit(self, order_id: str) -> str:
        """Ask for one unit of the order's line to be cancelled."""
        return await self._send(order_id, CancelLines(lines=(UnitsToCancel(line_id="1", quantity=1),)))

    async def ask(self, contract: Contract, topic: Topic, subject: str, data: Any) -> str:
        """Send a command to whatever it is for. Returns its id, not waiting for its outcome."""
        command_id = str(uuid.uuid4())
        value = contract.encode_command(id=command_id, subject=subject, data=data)
        key = subject.encode()
        await self._producer.send_and_wait(
            topic.name, value, key, partition_of(key, PARTITIONS), headers=list(COMMAND_HEADERS)
        )
        return command_id

    async def _send(self, order_id: str, data: OrderCommand) -> str:
        self.shop.last[order_id] = await self.ask(ORDERS, ORDER_COMMANDS, order_id, data)
        return self.shop.last[order_id]

    async def until(self, path: str, so: Callable[[Any], bool], seconds: float = 60) -> Any:
        """Wait until both workers say so. Returns the JSON that they agree on."""
        deadline = time.monotonic() + seconds
        while True:
            one, two = await self.get("w1", path), await self.get("w2", path)
            if one.status == two.status == OK and one.body == two.body and so(one.json):
                return one.json
            assert time.monotonic() < deadline, f"not so at {path} in {seconds} s: {one} {two}"
            await asyncio.sleep(0.05)

    async def decided(self, order_id: str, *, seconds: float = 60, of: str = "") -> int:
        """Wait for the outcome of the last command of an order. Returns the version that it says."""
        path = f"/commands/{self.shop.last[order_id]}?order={order_id}"
        names = [of] if of else [worker.name for worker in self.shop.workers if worker.alive]
        deadline = time.monotonic() + seconds
        for name in itertools.cycle(names):
            answer = await self.get(name, path)
            if answer.status == 200:
                assert answer.json["type"] == "command-accepted.v1", answer.json
                self.shop.versions[order_id] = answer.json["data"]["version"]
                return self.shop.versions[order_id]
            assert time.monotonic() < deadline, f"no outcome at {path} in {seconds} s: {answer}"
            await asyncio.sleep(0.02)
        raise AssertionError("there is no worker to ask")

    async def get(self, name: str, path: str, method: str = "GET", **headers: str) -> Answer:
        """Ask one worker. Underscores in the names of headers are hyphens."""
        url = URL(self.shop.workers[name].url + path, encoded=True)
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        began = time.monotonic()
        try:
            async with self.http.request(method, url, headers=sent) as answer:
                body = await answer.read()
                return Answer(answer.status, answer.headers.copy(), body, time.monotonic() - began)
        except (ClientError, TimeoutError):
            return Answer(0, {}, b"", time.monotonic() - began)
