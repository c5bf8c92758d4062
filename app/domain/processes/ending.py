"""Backward, in reverse order: void or refund, release every reservation, release the cart, cancel the order.

All of them are asked for at once, each is acknowledged by itself, and none waits for another: one that fails is tried
again and seen (waiting.py), and stops nothing. What comes late finds the order ended, and is given back as well.
"""

from datetime import datetime

from app.domain.processes import goods
from app.domain.processes.state import CartIs, Process, Task
from app.domain.processes.steps import Step, backoff


def backward(process: Process, now: datetime) -> list[Task]:
    """Return what is to be given back: of an order that ends everything, else what is no longer wanted."""
    tasks = _money(process, now)
    tasks += [
        Task(
            step=Step.RELEASE_STOCK,
            key=line.item_id,
            ids=(line.line_id,),
            amount=goods.keep_of(process, line),
            reason=process.failing,
            since=now,
            due=now,
        )
        for line in reversed(process.lines)
        if goods.to_release(process, line)
    ]
    cart_id = process.cart_id
    if cart_id is not None and _gives_cart_back(process):
        tasks.append(Task(step=Step.RELEASE_CART, key=cart_id, reason=process.failing, since=now, due=now))
    if process.failing and not process.ended:
        tasks.append(
            Task(step=Step.CANCEL_ORDER, key=process.order_id, reason=process.failing, since=now, due=now)
        )
    return tasks


def _money(process: Process, now: datetime) -> list[Task]:
    tasks = [
        Task(
            step=Step.VOID_PAYMENT,
            key=process.order_id,
            ids=(held.payment_id, str(held.voids + 1)),
            reason=process.failing,
            since=now,
            due=now + backoff(held.voids) if held.voids else now,
        )
        for held in reversed(process.money.held)
        if held.to_void or (process.failing and held.idle)
    ]
    tasks += [
        Task(
            step=Step.REFUND_PAYMENT,
            key=process.order_id,
            # Of the version for which the amount is due: at any other version the order refuses it.
            ids=(each.capture_id, f"refund-{process.version}-{number}"),
            amount=each.amount,
            extra=process.version + number,
            reason=process.failing,
            since=now,
            due=now + backoff(each.failures) if each.failures else now,
        )
        for number, each in enumerate(process.money.repaying)
    ]
    return tasks


def _gives_cart_back(process: Process) -> bool:
    """True when the order took the cart, or may have, and never became one that was taken on."""
    if process.asked is None or process.cart in (CartIs.REFUSED, CartIs.RELEASED):
        return False
    return bool(process.failing) or (process.ended and not process.confirmed)
