"""Every contract, on one page: who is spoken to, in which words."""

from typing import Final

from app.domain.order.commands import PlaceOrder
from app.domain.order.events import OrderPlaced
from app.wire.contract import Contract
from app.wire.order_types import ORDER_COMMANDS, ORDER_EVENTS
from app.wire.payment_types import PAYMENT_COMMANDS, PAYMENT_EVENTS
from app.wire.returns_types import (
    CART_COMMANDS,
    CART_EVENTS,
    CARTS_SOURCE,
    RETURN_COMMANDS,
    RETURN_EVENTS,
    RETURNS_SOURCE,
)
from app.wire.stock_types import STOCK_COMMANDS, STOCK_EVENTS, STOCK_SOURCE
from app.wire.types import COMMANDS, EVENTS, ORDERS_SOURCE

# An order and its payments are one stream.
ORDERS: Final = Contract(
    "order",
    ORDERS_SOURCE,
    {**COMMANDS, **ORDER_COMMANDS, **PAYMENT_COMMANDS},
    {**EVENTS, **ORDER_EVENTS, **PAYMENT_EVENTS},
    facts={OrderPlaced: PlaceOrder},
)
STOCK: Final = Contract("item", STOCK_SOURCE, STOCK_COMMANDS, STOCK_EVENTS)
RETURNS: Final = Contract("return", RETURNS_SOURCE, RETURN_COMMANDS, RETURN_EVENTS)
CARTS: Final = Contract("cart", CARTS_SOURCE, CART_COMMANDS, CART_EVENTS)
CONTRACTS: Final = (ORDERS, STOCK, RETURNS, CARTS)


def contract_of(command: str) -> Contract | None:
    """Return the contract that has a type of command, by its name on the wire."""
    return next((each for each in CONTRACTS if command in each.commands.values()), None)
