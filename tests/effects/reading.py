"""Records of order-events as a broker hands them out, a provider in memory, and a box for what is sent."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from app.domain.payment.commands import (
    RecordPaymentAuthorized,
    RecordPaymentCaptured,
    RecordRefundSucceeded,
    VoidPayment,
)
from app.domain.payment.events import (
    PaymentAuthorizationRequested,
    PaymentAuthorized,
    PaymentCaptureRequested,
)
from app.effects.provider import Unavailable
from app.lane.declare import Record
from app.lane.postbox import Undelivered
from app.wire.contracts import ORDERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.domain.payment.events import PaymentEvent
    from app.effects.calls import Authorize, Call, Capture, Refund, Void
    from app.effects.provider import Facts
    from app.lane.turn import Output
    from app.wire.envelopes import Command

NOW = 1_772_366_400_000  # ms
ASKED = PaymentAuthorizationRequested(
    payment_id="p", amount=10_000, currency="EUR", exponent=2, provider="stripe", method="pm_card_visa"
)
CAPTURE_ASKED = PaymentCaptureRequested(
    payment_id="p",
    capture_id="c",
    amount=10_000,
    currency="EUR",
    exponent=2,
    provider="stripe",
    reference="pi_1",
)
TOLD = PaymentAuthorized(payment_id="p", amount=10_000, provider="stripe")


class Found(NamedTuple):
    """A record as aiokafka gives it, as far as it is looked at."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


def event(fact: PaymentEvent, order_id: str = "o-1", version: int = 1) -> bytes:
    """Return the bytes of an order's event."""
    asked = ORDERS.decode_command(Record("order-commands", 0, 0, 0, order_id.encode(), _command(order_id)))
    return ORDERS.encode_event(fact, order_id, version, asked, "2026-03-01T12:00:00.000Z")


def found(offset: int, fact: PaymentEvent, order_id: str = "o-1", timestamp: int = NOW) -> Any:
    value = event(fact, order_id, offset + 1)
    return Found("order-events", 3, offset, timestamp, order_id.encode(), value)


class Till:
    """A provider in memory: makes a movement once for a key, and fails as often as it is told to."""

    def __init__(self) -> None:
        self.calls: list[str] = []  # order ids
        self.asked_after: list[str] = []
        self.made: Counter[str] = Counter()  # by key, as the provider itself counts
        self.failing: Counter[str] = Counter()  # by order: failures that are left
        self.closed: dict[str, asyncio.Event] = {}  # by order: an answer comes when it is set
        self.known: Facts | None = None
        self.at_once = self.most_at_once = 0

    async def authorize(self, call: Authorize) -> Facts:
        await self._make(call)
        return (RecordPaymentAuthorized(payment_id=call.payment_id, amount=call.amount, provider="stripe"),)

    async def capture(self, call: Capture) -> Facts:
        await self._make(call)
        captured = RecordPaymentCaptured(
            payment_id=call.payment_id, capture_id=call.capture_id, amount=call.amount, provider="stripe"
        )
        return (captured,)

    async def void(self, call: Void) -> Facts:
        await self._make(call)
        return ()

    async def refund(self, call: Refund) -> Facts:
        await self._make(call)
        return (RecordRefundSucceeded(payment_id="p", refund_id=call.refund_id, amount=call.amount),)

    async def found(self, call: Call) -> Facts | None:
        self.asked_after.append(call.order_id)
        return self.known

    async def _make(self, call: Call) -> None:
        self.calls.append(call.order_id)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(0)
            if call.order_id in self.closed:
                await self.closed[call.order_id].wait()
            if self.failing[call.order_id]:
                self.failing[call.order_id] -= 1
                raise Unavailable("no answer")
            self.made[call.key] += 1
        finally:
            self.at_once -= 1


class Box:
    """Takes what is delivered, and fails as often as it is told to."""

    def __init__(self) -> None:
        self.delivered: list[tuple[str, int | None, Output]] = []
        self.failing = 0

    async def deliver(self, topic: str, letters: Sequence[Output], partition: int | None = None) -> None:
        if self.failing:
            self.failing -= 1
            raise Undelivered("not now")
        self.delivered += [(topic, partition, letter) for letter in letters]

    def commands(self) -> list[Command]:
        """Return the order commands, as a worker reads them."""
        return [
            ORDERS.decode_command(Record(topic, 0, 0, 0, key, value, headers))
            for topic, _, (key, value, headers) in self.delivered
            if topic == "order-commands"
        ]


def _command(order_id: str) -> bytes:
    return ORDERS.encode_command(
        id="cmd-1", subject=order_id, data=VoidPayment(payment_id="p"), correlation_id="checkout-1"
    )
