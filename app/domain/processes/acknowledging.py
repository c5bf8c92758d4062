"""Which tasks are done. Most follow from what is known and vanish by themselves; these were asked for by an event.

They are done when the aggregate says so: by its event, or by taking a command that has nothing left to do.
"""

from typing import Final

from msgspec.structs import replace

from app.domain.order import events as order
from app.domain.order.events import OrderEvent
from app.domain.payment.events import RefundGranted
from app.domain.processes.inputs import StockHeard
from app.domain.processes.state import Process, Task
from app.domain.processes.steps import Step
from app.domain.stock.events import StockRestocked, StockShipped

OWED: Final = frozenset(
    {
        Step.COMMIT_STOCK,
        Step.RESTOCK_STOCK,
        Step.ADVISE_RETURN,
        Step.WITHDRAW_RETURN,
        Step.RECORD_RETURN_RECEIPT,
        Step.GRANT_REFUND,
    }
)


def by_order(process: Process, event: OrderEvent) -> Process:
    """Take what an event of the order acknowledges off the tasks."""
    match event:
        case order.ReturnAdvised():
            return _done(process, Step.ADVISE_RETURN, event.return_id)
        case order.ReturnWithdrawn():
            return _done(process, Step.WITHDRAW_RETURN, event.return_id)
        case order.ReturnReceiptRecorded():
            return _done(process, Step.RECORD_RETURN_RECEIPT, event.return_id, event.receipt_id)
        case RefundGranted():
            return _done(process, Step.GRANT_REFUND, event.grant_id)
        case _:
            return process


def by_stock(process: Process, heard: StockHeard) -> Process:
    """Take what an event of the stock acknowledges off the tasks."""
    match heard.event:
        case StockShipped(shipment_id=shipment_id):
            return _done(process, Step.COMMIT_STOCK, shipment_id, heard.line_id)
        case StockRestocked(return_id=return_id, receipt_id=receipt_id):
            return _done(process, Step.RESTOCK_STOCK, return_id, receipt_id, heard.line_id)
        case _:
            return process


def accepted(process: Process, task: Task) -> Process:
    """Take a command that had nothing left to do for done. What other tasks are for is known by events alone."""
    return _done(process, task.step, *task.ids) if task.step in OWED else process


def _done(process: Process, step: Step, *ids: str) -> Process:
    tasks = tuple([task for task in process.tasks if task.step is not step or task.ids != ids])
    return process if len(tasks) == len(process.tasks) else replace(process, tasks=tasks)
