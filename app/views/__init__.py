"""Pure: what a reader sees of a row, and how an event changes a row that is not the order's own."""

__all__ = ["customer_orders", "moments", "order", "returns", "stock", "totals", "worklists"]
