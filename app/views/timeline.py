"""What happened around an order, in other aggregates and in its processes, and who caused it.

The events of the order itself are its journal. Key: order, NUL, time, number: in the order in which the processes of
the order heard or said it.
"""

from datetime import datetime
from typing import Final, Literal

import msgspec
from msgspec import Struct

from app.views.moments import sortable

Kind = Literal["event", "command", "outcome", "timer"]


class Entry(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """An event of another aggregate, a command of the processes, what became of one without an event, or a timer.

    `causation_id` is the id of the command that caused an event, or of what the processes heard before they sent a
    command.
    """

    kind: Kind
    id: str
    type: str
    subject: str
    time: datetime
    causation_id: str = ""
    correlation_id: str = ""
    code: str = ""


encode_row: Final = msgspec.json.Encoder().encode
decode_row: Final = msgspec.json.Decoder(Entry).decode


def key(order_id: str, now: datetime, number: int) -> bytes:
    """Return the key of an entry that was heard at this time, as the `number`th of the order."""
    return prefix(order_id) + sortable(now) + number.to_bytes(4, "big")


def prefix(order_id: str) -> bytes:
    """Return what the keys of an order begin with."""
    return order_id.encode() + b"\0"
