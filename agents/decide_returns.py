"""The agent that decides return commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.deciding import decided, tell_process
from app.domain.returns.decider import decide
from app.domain.returns.evolver import evolve
from app.lane.declare import agent
from app.topics import COMMAND_OUTCOMES, PROCESS_INPUTS, RETURN_COMMANDS, RETURN_EVENTS
from app.views.returns import changes
from app.wire.contracts import RETURNS
from tables.outcomes import OUTCOMES
from tables.returns import RETURN_JOURNAL, RETURN_WORK, RETURNS_TABLE

if TYPE_CHECKING:
    from app.lane.turn import Turn
    from app.wire.envelopes import Command


@agent(
    RETURN_COMMANDS,
    decode=RETURNS.decode_command,
    tables=[RETURNS_TABLE, RETURN_WORK, RETURN_JOURNAL, OUTCOMES],
    emits=[RETURN_EVENTS, COMMAND_OUTCOMES, PROCESS_INPUTS],
)
def decide_returns(command: Command, turn: Turn) -> None:
    """Decide each return command, and append what happened to return-events."""
    key = command.subject.encode()
    before = after = turn.get(RETURNS_TABLE, key)
    for fact, event in decided(turn, RETURNS, RETURN_EVENTS, command, before, decide):
        after = evolve(after, fact, command.subject)
        tell_process(turn, after.facts.order_id, event)
    if after is None or after is before:
        return
    turn.put(RETURNS_TABLE, key, after)
    for at, row in changes(before, after):
        if row is None:
            turn.delete(RETURN_WORK, at)
        else:
            turn.put(RETURN_WORK, at, row)
