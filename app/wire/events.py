"""Events on the wire. Their bytes are made once, here: topic, journal and HTTP carry the same.

Member order is part of that promise: it is the order of the fields below.
"""

from typing import Final, Generic, TypeVar

import msgspec
from msgspec import Struct

from app.domain.order.commands import PlaceOrder
from app.domain.order.events import OrderCancelled, OrderEvent, OrderLinesCancelled, OrderPlaced
from app.wire.envelopes import Command
from app.wire.types import EVENTS, SPECVERSION

SOURCE: Final = "/orders"
_Facts = PlaceOrder | OrderLinesCancelled | OrderCancelled
Data = TypeVar("Data")


class Envelope(Struct, Generic[Data], frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """An event with its context. `sequence` is the version of the order, in decimal."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    sequence: str
    correlationid: str
    causationid: str
    traceparent: str | None = None
    data: Data

    @property
    def version(self) -> int:
        """The order's version after this event: dense from 1."""
        return int(self.sequence)


_encode: Final = msgspec.json.Encoder().encode
_decode_envelope: Final = msgspec.json.Decoder(Envelope[msgspec.Raw]).decode
_DECODE: Final = {
    EVENTS[OrderPlaced]: msgspec.json.Decoder(PlaceOrder).decode,
    EVENTS[OrderLinesCancelled]: msgspec.json.Decoder(OrderLinesCancelled).decode,
    EVENTS[OrderCancelled]: msgspec.json.Decoder(OrderCancelled).decode,
}
_ID_STARTS: Final = len(b'{"specversion":"1.0","id":"')


def encode_order_event(event: OrderEvent, order_id: str, version: int, command: Command, now: str) -> bytes:
    """Return the bytes of the event that made `version` of the order. `now` (RFC 3339): recorded at."""
    sequence = str(version)
    kind = type(event)
    data: _Facts = event.facts if kind is OrderPlaced else event  # type: ignore[union-attr, assignment]
    return _encode(
        Envelope(
            specversion=SPECVERSION,
            id=f"{order_id}@{sequence}",
            source=SOURCE,
            type=EVENTS[kind],
            subject=order_id,
            time=now,
            sequence=sequence,
            correlationid=command.correlation_id or command.id,
            causationid=command.id,
            traceparent=command.traceparent,
            data=data,
        )
    )


def decode_order_event(value: bytes) -> Envelope[OrderEvent]:
    """Return the event in a record of `order-events`. Raises `UnknownEvent`, or msgspec's DecodeError."""
    raw = _decode_envelope(value)
    decode = _DECODE.get(raw.type)
    if decode is None:
        raise UnknownEvent(raw.type, raw.id)
    data = decode(raw.data)
    event = OrderPlaced(facts=data) if isinstance(data, PlaceOrder) else data
    return msgspec.structs.replace(raw, data=event)  # type: ignore[arg-type]


class UnknownEvent(Exception):  # noqa: N818 - said by its name
    """An event of a type that this release does not know: probably a newer one wrote it. Never skipped."""

    def __init__(self, type_: str, event_id: str) -> None:
        super().__init__(f"event {event_id} has type {type_}, which this release does not know")
        self.type = type_
        self.event_id = event_id


def event_version(value: bytes) -> int:
    """Return the order's version from an event's bytes, without decoding them.

    It is what follows the last `@` of the id, which is the second member. The first `","` ends the id: inside
    of it, the quotes would be escaped.
    """
    end = value.index(b'","', _ID_STARTS)
    return int(value[value.rindex(b"@", _ID_STARTS, end) + 1 : end])


def journal_row(key: bytes, value: bytes) -> tuple[bytes, bytes]:
    """Return row key and row of an event's record: a scan of an order's rows is in version order."""
    return journal_key(key, event_version(value)), value


def journal_key(order_id: bytes, version: int) -> bytes:
    """Return the journal's key. No id holds a NUL, so that no order's keys lie between those of another."""
    return order_id + b"\0" + version.to_bytes(8, "big")
