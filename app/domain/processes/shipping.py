"""Units that left: the stock commits them, once for each shipment and line. Nothing is released by that."""

from datetime import datetime

from msgspec.structs import replace

from app.domain.order.events import OrderEvent, OrderShipped
from app.domain.processes.state import Process, Task
from app.domain.processes.steps import Step


def shipped(process: Process, event: OrderEvent, now: datetime) -> Process:
    """Owe the stock what left. A line of which no stock is kept (none was ever heard of) owes nothing."""
    if not isinstance(event, OrderShipped):
        return process
    items = {line.line_id: line.item_id for line in process.lines}
    tasks = [
        Task(
            step=Step.COMMIT_STOCK,
            key=items[units.line_id],
            ids=(event.shipment_id, units.line_id),
            amount=units.quantity,
            at=event.at,
            reason=event.reason,
            since=now,
            due=now,
        )
        for units in event.lines
        if items[units.line_id]
    ]
    return replace(process, tasks=(*process.tasks, *tasks))
