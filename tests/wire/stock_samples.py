"""One stock command and event of every type, with every field that it can have."""

from datetime import UTC, datetime
from typing import Final

from app.domain.stock import commands, events

NOON: Final = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)

STOCK_COMMANDS: Final[tuple[commands.StockCommand, ...]] = (
    commands.ReceiveStock(receipt_id="r-1", quantity=40, at=NOON),
    commands.AdjustStock(adjustment_id="a-1", change=-2, reason='counted "twice"', at=NOON),
    commands.ReserveStock(order_id="o-1", line_id="1", quantity=3, placed_at=NOON, backorder=True),
    commands.ReleaseStock(order_id="o-1", line_id="1", keep=1, reason="changed my mind", at=NOON),
    commands.CommitStock(
        order_id="o-1", line_id="1", shipment_id="s-1", quantity=2, reason="was in the van", at=NOON
    ),
    commands.RestockStock(return_id="t-1", receipt_id="b-1", line_id="1", quantity=1, at=NOON),
    commands.WriteOffStock(write_off_id="w-1", quantity=1, reason="wet", at=NOON),
    commands.AllotBackorders(),
)
STOCK_EVENTS: Final[tuple[events.StockEvent, ...]] = (
    events.StockReceived(receipt_id="r-1", quantity=40, at=NOON),
    events.StockAdjusted(adjustment_id="a-1", change=-2, reason='counted "twice"', at=NOON),
    events.StockReserved(order_id="o-1", line_id="1", quantity=3, released=1, placed_at=NOON),
    events.StockBackordered(order_id="o-1", line_id="1", quantity=4, released=1, reserved=2, placed_at=NOON),
    events.BackorderAllotted(order_id="o-1", line_id="1", quantity=1, waiting=2),
    events.StockReleased(
        order_id="o-1", line_id="1", keep=1, reserved=1, backordered=2, reason="changed my mind", at=NOON
    ),
    events.StockShipped(
        order_id="o-1",
        line_id="1",
        shipment_id="s-1",
        quantity=2,
        forced=1,
        reason="was in the van",
        at=NOON,
    ),
    events.StockRestocked(return_id="t-1", receipt_id="b-1", line_id="1", quantity=1, at=NOON),
    events.StockWrittenOff(write_off_id="w-1", quantity=1, reason="wet", at=NOON),
)
