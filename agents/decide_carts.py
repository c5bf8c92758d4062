"""The agent that decides cart commands: a cart becomes one order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.telling import is_news, require_version, tell, tell_process, tell_refusal
from app.domain.cart.decider import decide
from app.domain.cart.evolver import fold
from app.domain.refused import Refused
from app.lane.declare import agent
from app.topics import CART_COMMANDS, CART_EVENTS, COMMAND_OUTCOMES, PROCESS_INPUTS
from app.wire.contracts import CARTS
from tables.carts import CARTS_TABLE
from tables.outcomes import OUTCOMES

if TYPE_CHECKING:
    from app.lane.turn import Turn
    from app.wire.envelopes import Command


@agent(
    CART_COMMANDS,
    decode=CARTS.decode_command,
    tables=[CARTS_TABLE, OUTCOMES],
    emits=[CART_EVENTS, COMMAND_OUTCOMES, PROCESS_INPUTS],
)
def decide_carts(command: Command, turn: Turn) -> None:
    """Decide each cart command, and append what happened to cart-events."""
    if not is_news(command, turn):
        return
    key = command.subject.encode()
    before = turn.get(CARTS_TABLE, key)
    version = before.version if before else 0
    try:
        require_version(command, version)
        facts = decide(before, command.data)
    except Refused as refusal:
        tell_refusal(turn, CARTS, command, version, refusal)
        return
    events = tell(turn, CARTS, CART_EVENTS, command, version, facts)
    after = fold(command.subject, facts, before)
    if after is not None and facts:
        turn.put(CARTS_TABLE, key, after)
    for fact, event in zip(facts, events, strict=True):
        tell_process(turn, fact.order_id, event)
