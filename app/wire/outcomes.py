"""What became of a command: accepted with its events, or refused with a code. Key: the command's id."""

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Struct

from app.domain.refused import Refused
from app.wire.envelopes import Command
from app.wire.types import ACCEPTED, ORDERS_SOURCE, REFUSED, SPECVERSION


class OutcomeData(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """`version` is the subject's after the command. With `events` if it was accepted, `code` if refused."""

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
        """True when the command had its effect, or had nothing to do."""
        return self.type == ACCEPTED


_encode: Final = msgspec.json.Encoder().encode
decode_outcome: Final = msgspec.json.Decoder(Outcome).decode


def accepted(
    command: Command,
    subject: str,
    version: int,
    now: str,
    event_versions: Sequence[int],
    source: str = ORDERS_SOURCE,
) -> bytes:
    """Return the outcome of a command that caused the events with these versions, or none.

    Every command has an outcome, so the usual one (one event, no trace, ids that JSON need not escape) is
    written as text: 0.6 us in place of 1.3.
    """
    correlation_id = command.correlation_id or command.id
    text = f"{subject}{correlation_id}{command.id}"
    if len(event_versions) != 1 or command.traceparent is not None or '"' in text or "\\" in text:
        return accepted_at_length(command, subject, version, now, event_versions, source)
    return (
        f'{{"specversion":"1.0","id":"{command.id}/outcome","source":"{source}","type":"command-accepted.v1",'
        f'"subject":"{subject}","time":"{now}","correlationid":"{correlation_id}",'
        f'"causationid":"{command.id}","data":{{"command":"{command.id}","type":"{command.type}",'
        f'"version":{version},"events":["{subject}@{event_versions[0]}"]}}}}'
    ).encode()


def accepted_at_length(
    command: Command,
    subject: str,
    version: int,
    now: str,
    event_versions: Sequence[int],
    source: str = ORDERS_SOURCE,
) -> bytes:
    """Return the same bytes as `accepted`, for whatever ids and events."""
    events = tuple([f"{subject}@{each}" for each in event_versions])
    return _outcome(
        ACCEPTED,
        command,
        now,
        source,
        OutcomeData(command=command.id, type=command.type, version=version, events=events),
    )


def refused(command: Command, version: int, refusal: Refused, now: str, source: str = ORDERS_SOURCE) -> bytes:
    """Return the outcome of a command that was refused when its subject had `version` (0: no such one)."""
    return _outcome(
        REFUSED,
        command,
        now,
        source,
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


def _outcome(type_: str, command: Command, now: str, source: str, data: OutcomeData) -> bytes:
    return _encode(
        Outcome(
            specversion=SPECVERSION,
            id=f"{command.id}/outcome",
            source=source,
            type=type_,
            subject=command.subject,
            time=now,
            correlationid=command.correlation_id or command.id,
            causationid=command.id,
            traceparent=command.traceparent,
            data=data,
        )
    )
