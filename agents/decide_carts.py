"""The agent that decides cart commands: a cart becomes one order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.deciding import decided, tell_process
from app.domain.cart.decider import decide
from app.domain.cart.evolver import evolve
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
    key = command.subject.encode()
    before = cart = turn.get(CARTS_TABLE, key)
    for fact, event in decided(turn, CARTS, CART_EVENTS, command, before, decide):
        cart = evolve(cart, fact, command.subject)
        tell_process(turn, fact.order_id, event)
    if cart is not None and cart is not before:
        turn.put(CARTS_TABLE, key, cart)
