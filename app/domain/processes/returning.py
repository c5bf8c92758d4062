"""Units that come back: the order expects them, then knows them; the stock gets what is sellable; money is granted.

What is granted is a number of units: the ledger reckons what they are worth, so that all returns and refunds of a line
together are worth the line. The grant then moves as everything that is due (ending.py). Damaged units never came back
to the shelf: there is nothing to write off of the stock.
"""

from datetime import datetime

from msgspec.structs import replace

from app.domain.processes.ids import joined
from app.domain.processes.inputs import ReturnHeard
from app.domain.processes.state import Heard, Process, Task, Units
from app.domain.processes.steps import Step
from app.domain.returns.events import ReceiptInspected, ReturnApproved, ReturnClosed


def heard(process: Process, heard: ReturnHeard, now: datetime) -> Process:
    """Owe what an event of a return asks for."""
    before = next((each.version for each in process.returns if each.return_id == heard.return_id), 0)
    if heard.returned.version <= before:
        return process
    others = [each for each in process.returns if each.return_id != heard.return_id]
    this = Heard(return_id=heard.return_id, version=heard.returned.version)
    tasks = _tasks(process, heard, now)
    return replace(process, returns=(*others, this), tasks=(*process.tasks, *tasks))


def _tasks(process: Process, heard: ReturnHeard, now: datetime) -> list[Task]:
    event, facts = heard.event, heard.returned.facts
    match event:
        case ReturnApproved():
            return [
                Task(
                    step=Step.ADVISE_RETURN,
                    key=process.order_id,
                    ids=(heard.return_id,),
                    units=tuple(
                        [Units(line_id=line.line_id, quantity=line.quantity) for line in facts.lines]
                    ),
                    reason=facts.reason,
                    since=now,
                    due=now,
                )
            ]
        case ReceiptInspected():
            return _inspected(process, heard, event, now)
        case ReturnClosed() if event.missing:
            return [
                Task(
                    step=Step.WITHDRAW_RETURN,
                    key=process.order_id,
                    ids=(heard.return_id,),
                    reason=event.reason,
                    since=now,
                    due=now,
                )
            ]
        case _:
            return []


def _inspected(process: Process, heard: ReturnHeard, event: ReceiptInspected, now: datetime) -> list[Task]:
    receipt = next(
        each.received for each in heard.returned.receipts if each.received.receipt_id == event.receipt_id
    )
    tasks = [
        Task(
            step=Step.RECORD_RETURN_RECEIPT,
            key=process.order_id,
            ids=(heard.return_id, event.receipt_id),
            units=tuple(
                [
                    Units(line_id=line.line_id, quantity=line.restocked, damaged=line.written_off)
                    for line in event.lines
                ]
            ),
            at=event.at,
            since=now,
            due=now,
        ),
        Task(
            step=Step.GRANT_REFUND,
            key=process.order_id,
            ids=(joined(heard.return_id, event.receipt_id),),
            units=tuple(
                [
                    Units(line_id=line.line_id, quantity=line.restocked + line.written_off)
                    for line in event.lines
                ]
            ),
            amount=receipt.shipping,
            extra=receipt.fee,
            reason=heard.returned.facts.reason,
            since=now,
            due=now,
        ),
    ]
    warehouse = event.warehouse or (process.asked.warehouse if process.asked is not None else None)
    if warehouse is not None:
        tasks += [
            Task(
                step=Step.RESTOCK_STOCK,
                key=f"{line.sku}@{warehouse}",
                ids=(heard.return_id, event.receipt_id, line.line_id),
                amount=line.restocked,
                at=event.at,
                since=now,
                due=now,
            )
            for line in event.lines
            if line.restocked
        ]
    return tasks
