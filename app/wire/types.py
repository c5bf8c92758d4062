"""Every type name on the wire, on one page. A name has a version and is never derived from a class name."""

from typing import Final

from app.domain.order.commands import CancelLines, CancelOrder, PlaceOrder
from app.domain.order.events import OrderCancelled, OrderLinesCancelled, OrderPlaced

SPECVERSION: Final = "1.0"
ORDERS_SOURCE: Final = "/orders"
PROCESSES_SOURCE: Final = (
    "/processes/"  # what the source of a process's command begins with; its order follows
)
CONTENT_TYPE: Final = "application/cloudevents+json"
COMMAND_HEADERS: Final = (("content-type", CONTENT_TYPE.encode()),)

COMMANDS: Final[dict[type, str]] = {
    PlaceOrder: "place-order.v1",
    CancelLines: "cancel-lines.v1",
    CancelOrder: "cancel-order.v1",
}
EVENTS: Final[dict[type, str]] = {
    OrderPlaced: "order-placed.v1",
    OrderLinesCancelled: "order-lines-cancelled.v1",
    OrderCancelled: "order-cancelled.v1",
}
ACCEPTED: Final = "command-accepted.v1"
REFUSED: Final = "command-refused.v1"
