"""What a process hears. Messages of one sender come in its order, each of them maybe more than once."""

from msgspec import Struct

from app.domain.bounds import Id, Moment, Text
from app.domain.cart.events import CartEvent
from app.domain.order.events import OrderEvent
from app.domain.processes.known import Known
from app.domain.returns.events import ReturnEvent
from app.domain.returns.state import Return
from app.domain.stock.events import (
    BackorderAllotted,
    StockBackordered,
    StockReleased,
    StockReserved,
    StockRestocked,
    StockShipped,
)

ReservationEvent = StockReserved | StockBackordered | BackorderAllotted | StockReleased | StockShipped


class OrderHeard(Struct, frozen=True, kw_only=True, gc=False):
    """An event of the order or of its payments, the version that it made, and the order as it is by now.

    That is after the event, and maybe after further ones that will be heard.
    """

    event: OrderEvent
    version: int
    order: Known


class OrderSeen(Struct, frozen=True, kw_only=True, gc=False):
    """The order as it is by now: what a process that begins in the middle must know before it hears anything else."""

    order: Known


class StockHeard(Struct, frozen=True, kw_only=True, gc=False):
    """An event of a stock item about a line of the order, or about one of its returns. `version`: the item's then."""

    line_id: Id
    item_id: Id
    version: int
    event: ReservationEvent | StockRestocked


class CartHeard(Struct, frozen=True, kw_only=True, gc=False):
    """An event of a cart about the order."""

    cart_id: Id
    event: CartEvent


class ReturnHeard(Struct, frozen=True, kw_only=True, gc=False):
    """An event of a return of units of the order, and the return as it is after it."""

    return_id: Id
    event: ReturnEvent
    returned: Return


class Answered(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A command that the process sent was refused with a code; without one: it was so already, and no event tells."""

    command_id: Id
    type: Text = ""
    code: Text = ""


class TimerFired(Struct, frozen=True, kw_only=True, gc=False):
    """A timer that the process set is due."""

    name: Id
    due: Moment


Heard = OrderHeard | OrderSeen | StockHeard | CartHeard | ReturnHeard | Answered | TimerFired
