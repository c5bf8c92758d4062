"""What became of a command: accepted with the events that it caused, or refused with a code. Key: the command's id."""

from typing import Final

import msgspec
from msgspec import Struct

from app.domain.refused import Refused
from app.wire.envelopes import Command
from app.wire.events import SOURCE
from app.wire.types import ACCEPTED, REFUSED, SPECVERSION


class OutcomeData(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """`version` is the order's after the command. `events` when it was accepted, `code` when it was refused."""

    command: str
    type: str
    version: int
    events: tuple[str, ...] | None = None
    code: str | None = None
    detail: str | None = None


class Outcome(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The CloudEvent on `command-outcomes`."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    correlationid: str
    causationid: str
    traceparent: str | None = None
    data: OutcomeData

    @property
    def accepted(self) -> bool:
        """True when the command had, or already had, its effect."""
        return self.type == ACCEPTED


_encode: Final = msgspec.json.Encoder().encode
decode_outcome: Final = msgspec.json.Decoder(Outcome).decode


def accepted(command: Command, order_id: str, version: int, now: str, event_versions: tuple[int, ...]) -> bytes:
    """Return the outcome of a command that caused the events with these versions, or none."""
    events = tuple([f"{order_id}@{each}" for each in event_versions])
    return _outcome(
        ACCEPTED,
        command,
        now,
        OutcomeData(command=command.id, type=command.type, version=version, events=events),
    )


def refused(command: Command, version: int, refusal: Refused, now: str) -> bytes:
    """Return the outcome of a command that was refused when the order had `version` (0: no such order)."""
    return _outcome(
        REFUSED,
        command,
        now,
        OutcomeData(
            command=command.id,
            type=command.type,
            version=version,
            code=refusal.code,
            detail=refusal.detail,
        ),
    )


def outcome_row(key: bytes, value: bytes) -> tuple[bytes, bytes]:
    """Return row key and row of an outcome's record: they are the record's."""
    return key, value


def _outcome(type_: str, command: Command, now: str, data: OutcomeData) -> bytes:
    return _encode(
        Outcome(
            specversion=SPECVERSION,
            id=f"{command.id}/outcome",
            source=SOURCE,
            type=type_,
            subject=command.subject,
            time=now,
            correlationid=command.correlation_id or command.id,
            causationid=command.id,
            traceparent=command.traceparent,
            data=data,
        )
    )
