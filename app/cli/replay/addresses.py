"""Where each command goes, and in which words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.topics import ORDER_COMMANDS, PROCESS_INPUTS, RETURN_COMMANDS, STOCK_COMMANDS
from app.wire.contracts import ORDERS, RETURNS, STOCK

if TYPE_CHECKING:
    from app.cli.replay.source import Draft
    from app.lane.declare import Topic
    from app.wire.contract import Contract

_SPOKEN_TO: Final = ((ORDERS, ORDER_COMMANDS), (STOCK, STOCK_COMMANDS), (RETURNS, RETURN_COMMANDS))
_ADDRESSES: Final[dict[type, tuple[Contract, Topic]]] = {
    kind: (contract, topic) for contract, topic in _SPOKEN_TO for kind in contract.commands
}
COMMAND_TOPICS: Final = tuple([topic.name for _, topic in _SPOKEN_TO])
# What a command brings about goes on through these: the processes of an order hear of it, and send commands.
WORKING_TOPICS: Final = (*COMMAND_TOPICS, PROCESS_INPUTS.name)


def addressed(draft: Draft) -> tuple[str, bytes]:
    """Return the topic of a command, and its bytes."""
    contract, topic = _ADDRESSES[type(draft.data)]
    value = contract.encode_command(id=draft.command_id, subject=draft.key, data=draft.data, time=draft.at)
    return topic.name, value
