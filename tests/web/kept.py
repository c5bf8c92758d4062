"""A stand-in for the producer of a worker's HTTP server: what is sent stays here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.order.commands import PlaceOrder
from app.lane.declare import Record
from app.topics import DEAD_LETTERS, ORDER_COMMANDS
from app.web.problem import NOT_STORED, Problem
from app.wire.contracts import ORDERS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from aiohttp import web

    from app.lane.declare import Topic
    from app.lane.turn import Output
    from app.wire.envelopes import Command


class Kept:
    """Stands for the producer: keeps what it is given, or takes nothing while the brokers are `down`."""

    def __init__(self) -> None:
        self.down = False
        self.commands: list[Output] = []
        self.letters: list[Output] = []

    async def connection(self, _: web.Application) -> AsyncIterator[None]:
        yield

    async def send(self, topic: Topic, commands: Sequence[Output]) -> None:
        if self.down:
            raise Problem(NOT_STORED, "the brokers are down")
        {ORDER_COMMANDS: self.commands, DEAD_LETTERS: self.letters}[topic].extend(commands)

    def told(self) -> list[Command]:
        """Return the commands that were sent, as their worker would read them."""
        return [
            ORDERS.decode_command(Record(ORDER_COMMANDS.name, 0, 0, 0, key, value, headers))
            for key, value, headers in self.commands
        ]

    def placed(self) -> list[tuple[str, PlaceOrder]]:
        """Return the ids of the commands that were sent, and the orders in them."""
        assert all(isinstance(command.data, PlaceOrder) for command in self.told())
        return [(command.id, command.data) for command in self.told()]

    def reasons(self) -> list[tuple[str, bytes | None]]:
        """Return the reason of each dead letter, and the bytes that it keeps."""
        return [(dict(headers)["dead-letter-code"].decode(), value) for _, value, headers in self.letters]
