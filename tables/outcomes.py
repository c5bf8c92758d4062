"""What became of each command: what makes a repeated one harmless. Key: command id.

It is `command-outcomes` itself, indexed, on the partition of the command's order.
"""

from app.lane.declare import TopicTable
from app.topics import COMMAND_OUTCOMES
from app.wire.outcomes import Outcome, decode_outcome, outcome_row


def _written(stored: bytes) -> str:
    return decode_outcome(stored).time


OUTCOMES: TopicTable[Outcome] = TopicTable(
    "outcomes", COMMAND_OUTCOMES, row=outcome_row, decode=decode_outcome, written=_written
)
