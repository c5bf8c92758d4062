"""The rows of the processes of orders: what is remembered of them, and where they lie in lists by time."""

from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

from app.domain.processes.state import Process


class Kept(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The processes of an order.

    `timer`: when their row of the timers is due; it may be earlier than anything is, never later. `waiting`: since when
    they have waited for something, without a break: the time of their row among those that wait. `entries` counts those
    of the timeline.
    """

    process: Process
    timer: datetime | None = None
    waiting: datetime | None = None
    correlation_id: str = ""
    entries: int = 0


encode_kept: Final = msgspec.json.Encoder().encode
decode_kept: Final = msgspec.json.Decoder(Kept).decode
