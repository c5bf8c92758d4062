"""The processes of orders. All of it lies on the partition of the order.

`processes`: key order id. `process-timers`: key time, order (app.lane.ticks): whose turn it is, and when.
`waiting-processes`: key time, order: those that wait for something, the longest first. `waiting-head`: where that list
really begins (agents.queues). `process-returns`: key order, NUL, return: the returns of its units, so far as they were
heard. `timeline`: app.views.timeline.
"""

from typing import Final

from app.domain.returns.state import Return
from app.lane.declare import Table
from app.views import heads
from app.views.heads import Head
from app.views.timeline import Entry, decode_row, encode_row
from app.wire.process_rows import Kept, decode_kept, encode_kept
from app.wire.returns_rows import decode_return, encode_return

PROCESSES: Table[Kept] = Table("processes", encode=encode_kept, decode=decode_kept)
PROCESS_TIMERS: Table[bytes] = Table("process-timers", encode=bytes, decode=bytes)
WAITING_PROCESSES: Table[bytes] = Table("waiting-processes", encode=bytes, decode=bytes)
WAITING_HEAD: Table[Head] = Table("waiting-head", encode=heads.encode_row, decode=heads.decode_row)
FIRST_WAITING: Final = b"\0"  # its only key, before all times
PROCESS_RETURNS: Table[Return] = Table("process-returns", encode=encode_return, decode=decode_return)
TIMELINE: Table[Entry] = Table("timeline", encode=encode_row, decode=decode_row)
