"""Forward: claim the cart, reserve every line, have the total authorised, confirm, capture.

Each step waits for the one before it, and no step is remembered as taken: what is to be done follows from what is
known. Whoever else takes a step (a person confirms, a webhook brings the money) takes it for the checkout, too.
"""

from datetime import datetime
from typing import Final

from app.domain.processes import goods
from app.domain.processes.ids import joined
from app.domain.processes.money import PAYMENT
from app.domain.processes.state import CartIs, Process, Task
from app.domain.processes.steps import Step, backoff
from app.domain.refused import Code

PAYMENTS_LIMIT: Final = 5  # of one checkout: authorisations that covered a part only, or expired


def forward(process: Process, now: datetime) -> list[Task]:
    """Return what the checkout has to do next."""
    asked = process.asked
    if asked is None or process.ended or process.failing:
        return []
    if process.cart_id is not None and process.cart is CartIs.UNCLAIMED:
        return [Task(step=Step.CLAIM_CART, key=process.cart_id, since=now, due=now)]
    reserving = [
        Task(
            step=Step.RESERVE_STOCK,
            key=line.item_id,
            ids=(line.line_id,),
            amount=line.asked or line.keep,
            since=now,
            due=now,
        )
        for line in process.lines
        if goods.to_reserve(line)
    ]
    if reserving:
        return reserving
    if not process.confirmed and not all(
        goods.is_ready(line, backorder=asked.backorder) for line in process.lines
    ):
        return []
    return _paying(process, now)


def _paying(process: Process, now: datetime) -> list[Task]:
    money = process.money
    if not money.covered and money.lacking:
        payment_id = f"{PAYMENT}{money.payments + 1}"
        return [
            Task(
                step=Step.AUTHORIZE_PAYMENT,
                key=process.order_id,
                ids=(payment_id,),
                amount=money.lacking,
                since=now,
                due=now,
            )
        ]
    if process.confirmed:
        return _capturing(process, now)
    if not money.covered or process.on_hold:
        return []
    return [Task(step=Step.CONFIRM_ORDER, key=process.order_id, since=now, due=now)]


def _capturing(process: Process, now: datetime) -> list[Task]:
    return [
        Task(
            step=Step.CAPTURE_PAYMENT,
            key=process.order_id,
            ids=(held.payment_id, joined(held.payment_id, "capture", str(held.captures + 1))),
            amount=held.to_capture,
            since=now,
            due=now + backoff(held.failures) if held.failures else now,
        )
        for held in process.money.held
        if held.to_capture
    ]


def why_it_fails(process: Process) -> str:
    """Return why the checkout must give up, or nothing. What the stock and the cart refuse was heard: hearing.py."""
    money = process.money
    if process.failing or process.ended or process.confirmed or process.asked is None:
        return process.failing
    if any(line.keep and line.let_go == 0 and not line.answered for line in process.lines):
        return Code.RESERVATION_RELEASED.value  # by a person, before it was made
    if money.declined:
        return "payment-declined"
    if money.payments >= PAYMENTS_LIMIT and money.lacking:
        return "payments-too-many"
    return ""
