"""The agent that decides order commands. One outcome a command, once; events and row only if it is accepted."""

from agents.deciding import decided
from app.domain.order.decider import decide
from app.domain.order.evolver import evolve
from app.lane.declare import agent
from app.lane.turn import Turn
from app.topics import COMMAND_OUTCOMES, ORDER_COMMANDS, ORDER_EVENTS, PROCESS_INPUTS
from app.views.customer_orders import row_key, row_of
from app.wire.contracts import ORDERS as CONTRACT
from app.wire.envelopes import Command
from tables.customer_orders import CUSTOMER_ORDERS
from tables.journal import JOURNAL
from tables.orders import ORDERS
from tables.outcomes import OUTCOMES


@agent(
    ORDER_COMMANDS,
    decode=CONTRACT.decode_command,
    tables=[ORDERS, JOURNAL, OUTCOMES, CUSTOMER_ORDERS],
    emits=[ORDER_EVENTS, COMMAND_OUTCOMES, PROCESS_INPUTS],
)
def decide_orders(command: Command, turn: Turn) -> None:
    """Decide each order command, and append what happened to order-events."""
    key, order_id = turn.record.key, command.subject
    assert key is not None  # noqa: S101 - the decoder compared it with the subject
    before = order = turn.get(ORDERS, key)
    for fact, _ in decided(turn, CONTRACT, ORDER_EVENTS, command, before, decide):
        order = evolve(order, fact, order_id)
    if order is None or order is before:
        return
    turn.put(ORDERS, key, order)
    customer = order.facts.customer_id
    if customer is not None:  # a guest has no list
        row = row_of(order, customer)
        turn.index(CUSTOMER_ORDERS, customer.encode(), row_key(row), row)
