"""Returns: the row that decisions need, by return id; the work that they make, oldest first; their events."""

from app.domain.returns.state import Return
from app.lane.declare import Table, TopicTable
from app.topics import RETURN_EVENTS
from app.views.returns import ReturnWork, decode_row, encode_row
from app.wire.events import journal_row
from app.wire.returns_rows import decode_return, encode_return

RETURNS_TABLE: Table[Return] = Table("returns", encode=encode_return, decode=decode_return)
RETURN_WORK: Table[ReturnWork] = Table("return-work", encode=encode_row, decode=decode_row)
RETURN_JOURNAL: TopicTable[bytes] = TopicTable("return-journal", RETURN_EVENTS, row=journal_row, decode=bytes)
