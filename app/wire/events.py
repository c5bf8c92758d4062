"""The envelope of events, and their place in a journal. Member order on the wire is the order of the fields below."""

from typing import Final, Generic, TypeVar

from msgspec import Struct

Data = TypeVar("Data")


class Envelope(Struct, Generic[Data], frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """An event with its context. `sequence` is the version of its subject, in decimal."""

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
        """The subject's version after this event: dense from 1."""
        return int(self.sequence)


_ID_STARTS: Final = len(b'{"specversion":"1.0","id":"')


class UnknownEvent(Exception):  # noqa: N818 - said by its name
    """An event of a type that this release does not know: probably a newer one wrote it. Never skipped."""

    def __init__(self, type_: str, event_id: str) -> None:
        super().__init__(f"event {event_id} has type {type_}, which this release does not know")
        self.type = type_
        self.event_id = event_id


def event_version(value: bytes) -> int:
    """Return the subject's version from an event's bytes, without decoding them.

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
