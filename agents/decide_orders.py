"""The agent that decides order commands. One outcome a command, once; events and row only if it is accepted."""

from agents.deciding import decided, sending_process, tell_process
from app.domain.order.decider import decide
from app.domain.order.evolver import evolve
from app.domain.order.state import Order
from app.domain.payment.events import PaymentEvent
from app.effects.agent.movement import telling
from app.effects.calls import call_of
from app.effects.house import answer, is_asked
from app.lane.declare import agent
from app.lane.turn import Turn
from app.topics import COMMAND_OUTCOMES, ORDER_COMMANDS, ORDER_EVENTS, PROCESS_INPUTS
from app.views.customer_orders import row_key, row_of
from app.wire.contracts import ORDERS as CONTRACT
from app.wire.envelopes import Command
from app.wire.types import COMMAND_HEADERS
from tables.customer_orders import CUSTOMER_ORDERS
from tables.journal import JOURNAL
from tables.orders import ORDERS
from tables.outcomes import OUTCOMES


@agent(
    ORDER_COMMANDS,
    decode=CONTRACT.decode_command,
    tables=[ORDERS, JOURNAL, OUTCOMES, CUSTOMER_ORDERS],
    emits=[ORDER_EVENTS, ORDER_COMMANDS, COMMAND_OUTCOMES, PROCESS_INPUTS],
)
def decide_orders(command: Command, turn: Turn) -> None:
    """Decide each order command, and append what happened to order-events."""
    key, order_id = turn.record.key, command.subject
    assert key is not None  # noqa: S101 - the decoder compared it with the subject
    before = order = turn.get(ORDERS, key)
    facts = decided(turn, CONTRACT, ORDER_EVENTS, command, before, decide)
    for fact, _ in facts:
        order = evolve(order, fact, order_id)
        if is_asked(fact):
            _answer(turn, command, order_id, fact)
    if order is None or order is before:
        return
    turn.put(ORDERS, key, order)
    customer = order.facts.customer_id
    if customer is not None:  # a guest has no list
        row = row_of(order, customer)
        turn.index(CUSTOMER_ORDERS, customer.encode(), row_key(row), row)
    if _has_processes(order) or sending_process(command) is not None:
        for _, event in facts:
            tell_process(turn, order_id, event)


def _has_processes(order: Order) -> bool:
    """Whether anything concerns an order but its own commands: a checkout, money, units that move."""
    ledger = order.payments
    return bool(order.facts.checkout or ledger.payments or ledger.grants or order.units)


def _answer(turn: Turn, command: Command, order_id: str, fact: PaymentEvent) -> None:
    """Send what the house account says as a command of the order: it is inside, and needs no effects agent."""
    call = call_of(order_id, fact)
    if call is None:
        return
    for said in answer(call):
        value = telling(
            call,
            said,
            correlation_id=command.correlation_id or command.id,
            causation_id=command.id,
            traceparent=command.traceparent,
        )
        turn.hand_over(ORDER_COMMANDS, order_id.encode(), value, COMMAND_HEADERS)
