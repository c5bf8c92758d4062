"""Rules of placing an order."""

from app.domain.bounds import LINES_LIMIT
from app.domain.order.amounts import verify
from app.domain.order.commands import PlaceOrder
from app.domain.order.events import OrderPlaced
from app.domain.order.state import Order
from app.domain.refused import Code, Refused


def place(order: Order | None, command: PlaceOrder) -> tuple[OrderPlaced]:
    if order is not None:
        raise Refused(Code.ORDER_EXISTS, f"placed already; its version is {order.version}")
    lines = command.lines
    if len(lines) > 1:
        if len(lines) > LINES_LIMIT:
            raise Refused(Code.ORDER_TOO_LARGE, f"{len(lines)} lines; an order has at most {LINES_LIMIT}")
        require_distinct([line.line_id for line in lines])
    if len(command.shipping) > 1:
        require_distinct([charge.line_id for charge in command.shipping])
    verify(command)
    return (OrderPlaced(facts=command),)


def require_distinct(line_ids: list[str]) -> None:
    """Raise `Refused` if an id is there twice."""
    if len(set(line_ids)) < len(line_ids):
        twice = next(line_id for line_id in line_ids if line_ids.count(line_id) > 1)
        raise Refused(Code.DUPLICATE_LINE, f"line {twice} is there more than once")


def placed(_nothing: None, event: OrderPlaced, order_id: str) -> Order:
    return Order(order_id=order_id, version=1, facts=event.facts)
