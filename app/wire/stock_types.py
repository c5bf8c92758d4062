"""The names of stock messages on the wire, and where they come from."""

from typing import Final

from app.domain.stock import commands, events

STOCK_SOURCE: Final = "/stock"
STOCK_COMMANDS: Final[dict[type, str]] = {
    commands.ReceiveStock: "receive-stock.v1",
    commands.AdjustStock: "adjust-stock.v1",
    commands.ReserveStock: "reserve-stock.v1",
    commands.ReleaseStock: "release-stock.v1",
    commands.CommitStock: "commit-stock.v1",
    commands.RestockStock: "restock-stock.v1",
    commands.WriteOffStock: "write-off-stock.v1",
    commands.AllotBackorders: "allot-backorders.v1",
}
STOCK_EVENTS: Final[dict[type, str]] = {
    events.StockReceived: "stock-received.v1",
    events.StockAdjusted: "stock-adjusted.v1",
    events.StockReserved: "stock-reserved.v1",
    events.StockBackordered: "stock-backordered.v1",
    events.BackorderAllotted: "backorder-allotted.v1",
    events.StockReleased: "stock-released.v1",
    events.StockShipped: "stock-shipped.v1",
    events.StockRestocked: "stock-restocked.v1",
    events.StockWrittenOff: "stock-written-off.v1",
}
