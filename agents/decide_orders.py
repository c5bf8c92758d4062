"""The agent that decides order commands. One outcome a command, once; events and row only if it is accepted."""

from app.domain.order.decider import decide, require_version
from app.domain.order.evolver import evolve
from app.domain.refused import Refused
from app.lane.declare import agent
from app.lane.turn import Turn
from app.topics import COMMAND_OUTCOMES, ORDER_COMMANDS, ORDER_EVENTS
from app.views.customer_orders import row_key, row_of
from app.wire.contracts import ORDERS as CONTRACT
from app.wire.envelopes import Command
from app.wire.outcomes import accepted, refused
from app.wire.types import COMMAND_HEADERS
from tables.customer_orders import CUSTOMER_ORDERS
from tables.journal import JOURNAL
from tables.orders import ORDERS
from tables.outcomes import OUTCOMES


@agent(
    ORDER_COMMANDS,
    decode=CONTRACT.decode_command,
    tables=[ORDERS, JOURNAL, OUTCOMES, CUSTOMER_ORDERS],
    emits=[ORDER_EVENTS, COMMAND_OUTCOMES],
)
def decide_orders(command: Command, turn: Turn) -> None:
    """Decide each order command, and append what happened to order-events."""
    command_id = command.id.encode()
    if turn.get(OUTCOMES, command_id) is not None:
        return  # decided before
    key, order_id = turn.record.key, command.subject
    assert key is not None  # noqa: S101 - the decoder compared it with the subject
    order = turn.get(ORDERS, key)
    try:
        if command.expected_version is not None:
            require_version(order, command.expected_version)
        facts = decide(order, command.data)
    except Refused as refusal:
        outcome = refused(command, order.version if order else 0, refusal, turn.now)
        turn.emit(COMMAND_OUTCOMES, command_id, outcome, COMMAND_HEADERS)
        return
    versions = []
    for fact in facts:
        order = evolve(order, fact, order_id)
        versions.append(order.version)
        event = CONTRACT.encode_event(fact, order_id, order.version, command, turn.now)
        turn.emit(ORDER_EVENTS, key, event, COMMAND_HEADERS)
    version = order.version if order else 0
    turn.emit(
        COMMAND_OUTCOMES,
        command_id,
        accepted(command, order_id, version, turn.now, versions),
        COMMAND_HEADERS,
    )
    if order is not None and facts:
        turn.put(ORDERS, key, order)
        customer = order.facts.customer_id
        if customer is not None:  # a guest has no list
            row = row_of(order, customer)
            turn.index(CUSTOMER_ORDERS, customer.encode(), row_key(row), row)
