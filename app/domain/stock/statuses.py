"""What an item and its reservations are called, derived: no writer can let the words disagree with the numbers."""

from enum import StrEnum

from app.domain.stock.state import Reservation, Settled, StockItem, Withdrawn


class StockStatus(StrEnum):
    """What the next order can expect."""

    IN_STOCK = "in-stock"
    SOLD_OUT = "sold-out"
    BACKORDERED = "backordered"


class ReservationStatus(StrEnum):
    """How far a line of an order has got."""

    HELD = "held"
    PARTLY_HELD = "partly-held"
    WAITING = "waiting"
    SHIPPED = "shipped"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"


def stock_status(item: StockItem) -> StockStatus:
    """`in-stock`: some units are nobody's. `backordered`: all are somebody's, and orders wait for more."""
    if item.free > 0:
        return StockStatus.IN_STOCK
    return StockStatus.BACKORDERED if item.backordered else StockStatus.SOLD_OUT


def reservation_status(entry: Reservation | Settled | Withdrawn) -> ReservationStatus:
    """Open: whether its units are held or waited for. Else: how it ended; `withdrawn` before it came."""
    if isinstance(entry, Withdrawn):
        return ReservationStatus.WITHDRAWN
    if isinstance(entry, Settled):
        return ReservationStatus.SHIPPED if entry.shipped else ReservationStatus.RELEASED
    if not entry.backordered:
        return ReservationStatus.HELD
    return ReservationStatus.PARTLY_HELD if entry.reserved else ReservationStatus.WAITING
