"""What may be said to one kind of aggregate, and what it says: names, envelopes, and both directions.

msgspec and the checks of ids decide whether a record is a command. Why it is not is found out afterwards
(unreadable.py), because nearly all are. The bytes of an event are made once, here: topic, journal and HTTP carry
the same.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, Final

import msgspec

from app.lane.declare import Record
from app.wire.binary import FEWEST_HEADERS, is_binary, structured
from app.wire.envelopes import Command, envelope
from app.wire.events import Envelope, UnknownEvent
from app.wire.ids import plain
from app.wire.types import SPECVERSION
from app.wire.unreadable import MALFORMED, MAX_COMMAND_BYTES, key_differs, missing, too_large, unreadable

_encode: Final = msgspec.json.Encoder().encode
_decode_envelope: Final = msgspec.json.Decoder(Envelope[msgspec.Raw]).decode


class Contract:
    """The messages of one kind of aggregate, of which `what` is the name.

    `facts`: events whose data on the wire is their field `facts`.
    """

    def __init__(
        self,
        what: str,
        source: str,
        commands: Mapping[type, str],
        events: Mapping[type, str],
        facts: Mapping[type, type] | None = None,
    ) -> None:
        self.what = what
        self.source = source
        self.commands = dict(commands)
        self.events = dict(events)
        self.envelopes = {data: envelope(data, name) for data, name in commands.items()}
        self._facts = dict(facts or {})
        self._decode = msgspec.json.Decoder(reduce(or_, self.envelopes.values())).decode
        self._decoders: dict[str, tuple[type, Callable[[msgspec.Raw], Any]]] = {
            name: (kind, msgspec.json.Decoder(self._facts.get(kind, kind)).decode)
            for kind, name in events.items()
        }

    def decode_command(self, record: Record) -> Command:
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
            command: Command = self._decode(value)
            if not is_plain:
                value.decode()  # msgspec does not look into members that it skips
        except MALFORMED as wrong:
            raise unreadable(record, value, self.commands.values(), wrong) from None
        if not command.sound(plain=is_plain):
            raise unreadable(record, value, self.commands.values())
        if command.subject.encode() != key:
            raise key_differs(key, command.subject)
        return command

    def encode_command(  # noqa: PLR0913 - one argument an attribute, all by name
        self,
        *,
        id: str,  # noqa: A002 - the attribute's name in CloudEvents
        subject: str,
        data: Any,
        time: datetime | None = None,
        source: str = "/shop",
        expected_version: int | None = None,
        correlation_id: str | None = None,
        causation_id: str | None = None,
        traceparent: str | None = None,
    ) -> bytes:
        """Return the value of a record. Its key must be the subject; its headers: COMMAND_HEADERS of types.py."""
        return _encode(
            self.envelopes[type(data)](
                specversion=SPECVERSION,
                id=id,
                source=source,
                subject=subject,
                time=time,
                correlation_id=correlation_id,
                causation_id=causation_id,
                traceparent=traceparent,
                expected_version=expected_version,
                data=data,
            )
        )

    def encode_event(self, event: Any, subject: str, version: int, command: Command, now: str) -> bytes:
        """Return the bytes of the event that made `version` of the subject. `now` (RFC 3339): recorded at."""
        sequence = str(version)
        kind = type(event)
        return _encode(
            Envelope(
                specversion=SPECVERSION,
                id=f"{subject}@{sequence}",
                source=self.source,
                type=self.events[kind],
                subject=subject,
                time=now,
                sequence=sequence,
                correlationid=command.correlation_id or command.id,
                causationid=command.id,
                traceparent=command.traceparent,
                data=event.facts if kind in self._facts else event,
            )
        )

    def decode_event(self, value: bytes) -> Envelope[Any]:
        """Return the event in a record. Raises `UnknownEvent`, or msgspec's DecodeError."""
        raw = _decode_envelope(value)
        known = self._decoders.get(raw.type)
        if known is None:
            raise UnknownEvent(raw.type, raw.id)
        kind, decode = known
        data = decode(raw.data)
        return msgspec.structs.replace(raw, data=kind(facts=data) if kind in self._facts else data)
