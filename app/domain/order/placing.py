"""Rules of placing an order."""

from typing import Final

from app.domain.bounds import ID_LENGTH, LINES_LIMIT
from app.domain.order.amounts import verify
from app.domain.order.commands import Checkout, Line, PlaceOrder
from app.domain.order.events import OrderPlaced
from app.domain.order.state import Order
from app.domain.refused import Code, Refused

# Bytes of the row of a checkout. A line is there as itself and in up to two tasks, with its ids in each.
CHECKOUT_ROOM: Final = 800_000
_LINE_ROOM: Final = 700


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
    if command.checkout is not None:
        require_checkout(command.lines, command.checkout)
    return (OrderPlaced(facts=command),)


def require_distinct(line_ids: list[str]) -> None:
    """Raise `Refused` if an id is there twice."""
    if len(set(line_ids)) < len(line_ids):
        twice = next(line_id for line_id in line_ids if line_ids.count(line_id) > 1)
        raise Refused(Code.DUPLICATE_LINE, f"line {twice} is there more than once")


def require_checkout(lines: tuple[Line, ...], checkout: Checkout) -> None:
    """Raise `Refused` if a line has a stock item that nobody can name, or the checkout's row would be too long."""
    room = CHECKOUT_ROOM
    for line in lines:
        item_id = checkout.item_id(line.sku)
        if len(item_id) > ID_LENGTH:
            raise Refused(
                Code.ITEM_ID_TOO_LONG,
                f"line {line.line_id}: sku and warehouse have more than {ID_LENGTH - 1} characters together",
            )
        room -= _LINE_ROOM + 4 * len(line.line_id.encode()) + 3 * len(item_id.encode())
    if room < 0:
        raise Refused(Code.ORDER_TOO_LARGE, f"{len(lines)} lines are too many for a checkout")


def placed(_nothing: None, event: OrderPlaced, order_id: str) -> Order:
    return Order(order_id=order_id, version=1, facts=event.facts)
