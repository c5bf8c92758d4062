"""The agent that decides return commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.telling import is_news, require_version, tell, tell_process, tell_refusal
from app.domain.refused import Refused
from app.domain.returns.decider import decide
from app.domain.returns.evolver import fold
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
    if not is_news(command, turn):
        return
    key = command.subject.encode()
    before = turn.get(RETURNS_TABLE, key)
    version = before.version if before else 0
    try:
        require_version(command, version)
        facts = decide(before, command.data)
    except Refused as refusal:
        tell_refusal(turn, RETURNS, command, version, refusal)
        return
    events = tell(turn, RETURNS, RETURN_EVENTS, command, version, facts)
    after = fold(command.subject, facts, before)
    if after is None or not facts:
        return
    turn.put(RETURNS_TABLE, key, after)
    for event in events:
        tell_process(turn, after.facts.order_id, event)
    for at, row in changes(before, after):
        if row is None:
            turn.delete(RETURN_WORK, at)
        else:
            turn.put(RETURN_WORK, at, row)
