"""Commands on the wire. msgspec and the checks of ids decide whether a record is one.

Why it is not is found out afterwards (unreadable.py), because nearly all are.
"""

from datetime import datetime
from typing import Final

import msgspec

from app.domain.order.commands import OrderCommand
from app.lane.declare import Record
from app.wire.binary import FEWEST_HEADERS, is_binary, structured
from app.wire.envelopes import ENVELOPES, AnyCommand, Command
from app.wire.ids import plain
from app.wire.types import SPECVERSION
from app.wire.unreadable import MALFORMED, MAX_COMMAND_BYTES, key_differs, missing, too_large, unreadable

__all__ = ["MAX_COMMAND_BYTES", "AnyCommand", "Command", "decode_order_command", "encode_order_command"]

_decode: Final = msgspec.json.Decoder(AnyCommand).decode
_encode: Final = msgspec.json.Encoder().encode


def decode_order_command(record: Record) -> AnyCommand:
    """Return the command in a record. Raises `Undecodable`: what its producer must change."""
    _, _, _, _, key, value, headers = record
    if not key or value is None:
        raise missing(record)
    if len(value) > MAX_COMMAND_BYTES:
        raise too_large(len(value))
    if len(headers) >= FEWEST_HEADERS and is_binary(headers):
        value = structured(headers, value)
    is_plain = plain(value)
    try:
        command: AnyCommand = _decode(value)
        if not is_plain:
            value.decode()  # msgspec does not look into members that it skips
    except MALFORMED as wrong:
        raise unreadable(record, value, wrong) from None
    if not command.sound(plain=is_plain):
        raise unreadable(record, value)
    if command.subject.encode() != key:
        raise key_differs(key, command.subject)
    return command


def encode_order_command(  # noqa: PLR0913 - one argument an attribute, all by name
    *,
    id: str,  # noqa: A002 - the attribute's name in CloudEvents
    subject: str,
    data: OrderCommand,
    time: datetime | None = None,
    source: str = "/shop",
    expected_version: int | None = None,
    correlation_id: str | None = None,
    causation_id: str | None = None,
    traceparent: str | None = None,
) -> bytes:
    """Return the value of a record. Its key must be the subject; its headers: COMMAND_HEADERS of types.py."""
    return _encode(
        ENVELOPES[type(data)](
            specversion=SPECVERSION,
            id=id,
            source=source,
            subject=subject,
            time=time,
            correlation_id=correlation_id,
            causation_id=causation_id,
            traceparent=traceparent,
            expected_version=expected_version,
            data=data,  # type: ignore[arg-type] # the table pairs each type with its envelope
        )
    )
