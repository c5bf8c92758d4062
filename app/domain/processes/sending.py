"""From a task to its command. Its id is made of the process, the step with its number, and the attempt: no more."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal

from msgspec import Struct

from app.domain.cart import commands as cart
from app.domain.cart.commands import CartCommand
from app.domain.order import commands as order
from app.domain.order.commands import OrderCommand
from app.domain.payment import commands as payment
from app.domain.processes.ids import attempt_of, joined
from app.domain.processes.state import Process, Task
from app.domain.processes.steps import Step
from app.domain.stock import commands as stock
from app.domain.stock.commands import StockCommand

Aggregate = Literal["order", "stock", "cart"]
Sent = OrderCommand | StockCommand | CartCommand


class Command(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A command to send. With `expected_version` it is refused at any other version of its aggregate."""

    id: str
    aggregate: Aggregate
    key: str
    command: Sent
    expected_version: int | None = None


def stem(process: Process, task: Task) -> str:
    """Return what the ids of all attempts at a task begin with."""
    return joined(process.order_id, task.step.value, str(task.number))


def command_of(process: Process, task: Task, now: datetime) -> Command:
    """Return the command of the attempt that a task is at."""
    aggregate, make = MAKE[task.step]
    return Command(
        id=attempt_of(stem(process, task), task.attempt),
        aggregate=aggregate,
        key=task.key,
        command=make(process, task, now),
        # A refund is right for the version for which it was reckoned: else somebody's own refund and this one are two.
        expected_version=task.extra if task.step is Step.REFUND_PAYMENT else None,
    )


def _reserve(process: Process, task: Task, now: datetime) -> Sent:
    return stock.ReserveStock(
        order_id=process.order_id,
        line_id=task.ids[0],
        quantity=task.amount,
        placed_at=process.placed_at or now,
        backorder=process.asked is not None and process.asked.backorder,
    )


def _authorize(process: Process, task: Task, _now: datetime) -> Sent:
    asked = process.asked
    assert asked is not None  # noqa: S101 - no checkout, no such task
    return payment.AuthorizePayment(
        payment_id=task.ids[0], amount=task.amount, provider=asked.provider, method=asked.method
    )


def _release(process: Process, task: Task, now: datetime) -> Sent:
    return stock.ReleaseStock(
        order_id=process.order_id, line_id=task.ids[0], keep=task.amount, reason=task.reason, at=now
    )


def _commit(process: Process, task: Task, now: datetime) -> Sent:
    return stock.CommitStock(
        order_id=process.order_id,
        line_id=task.ids[1],
        shipment_id=task.ids[0],
        quantity=task.amount,
        reason=task.reason,
        at=task.at or now,
    )


def _receipt(_process: Process, task: Task, now: datetime) -> Sent:
    return order.RecordReturnReceipt(
        return_id=task.ids[0],
        receipt_id=task.ids[1],
        lines=tuple(
            [
                order.UnitsBack(line_id=each.line_id, sellable=each.quantity, damaged=each.damaged)
                for each in task.units
            ]
        ),
        at=task.at or now,
    )


def _restock(_process: Process, task: Task, now: datetime) -> Sent:
    return_id, receipt_id, line_id = task.ids
    return stock.RestockStock(
        return_id=return_id,
        receipt_id=receipt_id,
        line_id=line_id,
        quantity=task.amount,
        at=task.at or now,
    )


def _grant(_process: Process, task: Task, _now: datetime) -> Sent:
    return payment.GrantRefund(
        grant_id=task.ids[0],
        lines=tuple(
            [payment.UnitsToRefund(line_id=each.line_id, quantity=each.quantity) for each in task.units]
        ),
        shipping=task.amount,
        fee=task.extra,
        reason=task.reason,
    )


def _advise(_process: Process, task: Task, _now: datetime) -> Sent:
    return order.AdviseReturn(
        return_id=task.ids[0],
        lines=tuple([order.Units(line_id=each.line_id, quantity=each.quantity) for each in task.units]),
        reason=task.reason,
    )


Make = Callable[[Process, Task, datetime], Sent]

MAKE: Final[dict[Step, tuple[Aggregate, Make]]] = {
    Step.CLAIM_CART: ("cart", lambda p, _t, _n: cart.ClaimCart(order_id=p.order_id)),
    Step.RELEASE_CART: ("cart", lambda p, t, _n: cart.ReleaseCart(order_id=p.order_id, reason=t.reason)),
    Step.RESERVE_STOCK: ("stock", _reserve),
    Step.RELEASE_STOCK: ("stock", _release),
    Step.COMMIT_STOCK: ("stock", _commit),
    Step.RESTOCK_STOCK: ("stock", _restock),
    Step.AUTHORIZE_PAYMENT: ("order", _authorize),
    Step.CAPTURE_PAYMENT: (
        "order",
        lambda _p, t, n: payment.CapturePayment(
            payment_id=t.ids[0], capture_id=t.ids[1], amount=t.amount, at=n
        ),
    ),
    Step.VOID_PAYMENT: (
        "order",
        lambda _p, t, _n: payment.VoidPayment(payment_id=t.ids[0], reason=t.reason),
    ),
    Step.REFUND_PAYMENT: (
        "order",
        lambda _p, t, _n: payment.RefundPayment(
            capture_id=t.ids[0], refund_id=t.ids[1], amount=t.amount, reason=t.reason
        ),
    ),
    Step.GRANT_REFUND: ("order", _grant),
    Step.RECORD_AUTHORIZATION_EXPIRED: (
        "order",
        lambda _p, t, _n: payment.RecordAuthorizationExpired(payment_id=t.ids[0]),
    ),
    Step.CONFIRM_ORDER: ("order", lambda _p, _t, n: order.ConfirmOrder(at=n)),
    Step.CANCEL_ORDER: ("order", lambda _p, t, _n: order.CancelOrder(reason=t.reason)),
    Step.EXPIRE_ORDER: ("order", lambda _p, _t, n: order.ExpireOrder(at=n, reason="not paid in time")),
    Step.RECORD_RESERVATION: (
        "order",
        lambda _p, t, _n: order.RecordReservation(
            line_id=t.ids[0], reserved=t.amount, backordered=t.extra, revision=int(t.ids[1])
        ),
    ),
    Step.RELEASE_RESERVATION: (
        "order",
        lambda _p, t, _n: order.ReleaseReservation(line_id=t.ids[0], revision=int(t.ids[1])),
    ),
    Step.ADVISE_RETURN: ("order", _advise),
    Step.WITHDRAW_RETURN: (
        "order",
        lambda _p, t, _n: order.WithdrawReturn(return_id=t.ids[0], reason=t.reason),
    ),
    Step.RECORD_RETURN_RECEIPT: ("order", _receipt),
}
