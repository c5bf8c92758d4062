"""Asks a worker for orders over HTTP, from a process of its own, and prints how long the answers took, as JSON.

    python -m bench.asking PORT --orders 10000 --connections 50 --seconds 5 [--rate 500]

With a rate, a request has its time, and its latency counts from there: an answer that is late makes the next ones
late too, and that must show. Without, each connection asks again as soon as it has its answer.

HTTP is spoken by hand, because a client library would use more CPU than the server that is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from typing import cast

import uvloop

_STATUS = slice(9, 12)  # of "HTTP/1.1 200 OK"
_LENGTH = b"content-length:"


class Connection(asyncio.Protocol):
    """One kept-alive connection, with one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport
        self._buffer = b""
        self._answer: asyncio.Future[int]

    @classmethod
    async def open(cls, port: int) -> Connection:
        _, made = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return made

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)  # it is TCP

    async def get(self, path: str) -> int:
        """Return the status of the answer, when all of it is here."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
        return await self._answer

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, blank, body = self._buffer.partition(b"\r\n\r\n")
        if not blank:
            return
        lines = head.lower().split(b"\r\n")
        length = next(int(line[len(_LENGTH) :]) for line in lines if line.startswith(_LENGTH))
        if len(body) >= length:
            self._buffer = b""
            self._answer.set_result(int(head[_STATUS]))

    def connection_lost(self, error: Exception | None) -> None:
        if not self._answer.done():
            self._answer.set_exception(error or ConnectionError("closed by the worker"))

    def close(self) -> None:
        self._transport.close()


class Asking:
    """Requests for random orders, and what became of them."""

    def __init__(self, orders: int) -> None:
        self.took: list[float] = []
        self.failed = 0
        self._orders = orders

    async def ask(self, connection: Connection, since: float) -> None:
        status = await connection.get(f"/orders/o-{random.randrange(self._orders):08d}")
        self.took.append(time.perf_counter() - since)
        self.failed += status != 200  # noqa: PLR2004 - OK

    async def again_and_again(self, connection: Connection, until: float) -> None:
        while (now := time.perf_counter()) < until:
            await self.ask(connection, now)

    async def paced(self, connections: list[Connection], rate: float, seconds: float) -> None:
        """Use whatever connection is free; wait for one where none is."""
        free: asyncio.Queue[Connection] = asyncio.Queue()
        for connection in connections:
            free.put_nowait(connection)

        async def one(due: float) -> None:
            connection = await free.get()
            await self.ask(connection, due)
            free.put_nowait(connection)

        began, running = time.perf_counter(), set[asyncio.Task[None]]()
        for number in range(int(rate * seconds)):
            due = began + number / rate
            if (ahead := due - time.perf_counter()) > 0:
                await asyncio.sleep(ahead)
            task = asyncio.create_task(one(due))
            running.add(task)
            task.add_done_callback(running.discard)
        await asyncio.gather(*running)


async def run(args: argparse.Namespace) -> Asking:
    asking = Asking(args.orders)
    connections = [await Connection.open(args.port) for _ in range(args.connections)]
    if args.rate:
        await asking.paced(connections, args.rate, args.seconds)
    else:
        until = time.perf_counter() + args.seconds
        await asyncio.gather(*[asking.again_and_again(each, until) for each in connections])
    for connection in connections:
        connection.close()
    return asking


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("port", type=int)
    parser.add_argument("--orders", type=int, required=True, help="o-00000000 up to this number exist")
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument(
        "--rate", type=float, default=0, help="requests a second; 0: as fast as they are answered"
    )
    asked = uvloop.run(run(parser.parse_args()))
    print(json.dumps({"failed": asked.failed, "took": sorted(asked.took)}))


if __name__ == "__main__":
    main()
