"""What must hold between the aggregates of an order, once nothing is under way for it; and why something is.

An order whose processes wait for an answer is in flight: it is not wrong. So is one that changed a moment ago.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from app.cli.audit.findings import YOUNG
from app.cli.audit.stock import Held
from app.domain.order.owed import owed
from app.domain.payment.settlement import to_void
from app.domain.processes.ids import joined
from app.domain.processes.state import CartIs

if TYPE_CHECKING:
    from app.cli.audit.findings import Findings, Flight
    from app.cli.audit.orders import Account
    from app.cli.audit.returns import CartBook, ReturnBook
    from app.cli.audit.stock import StockBook
    from app.domain.processes.state import Process

NOTHING: Final = Held()


class Others(NamedTuple):
    """The other books, and the time (milliseconds) after which everything is young."""

    stock: StockBook
    returns: ReturnBook
    carts: CartBook
    young: int


def flight_of(account: Account, process: Process | None, others: Others) -> Flight:
    """Return why an order is in flight, or nothing."""
    if process is not None:
        waits = [" ".join([task.step.value, *task.ids]) for task in process.tasks]
        waits += [each.what for each in process.money.awaited]
        if waits:
            return f"waits for {', '.join(waits)}"
    name = account.order.order_id
    lines = others.stock.lines.get(name, {}).values()
    returns = [others.returns.at[each] for each in others.returns.of_order.get(name, ())]
    last = max([account.at, *[line.at for line in lines], *returns])
    return YOUNG if last > others.young else ""


def judge(account: Account, process: Process | None, others: Others, findings: Findings) -> None:
    """Compare an order with what the other aggregates say of it."""
    flight = flight_of(account, process, others)
    if flight and process is not None and (process.tasks or process.money.awaited):
        findings.flying[account.order.order_id] = flight
    _of_money(account, findings, flight)
    _of_stock(account, process, others.stock, findings, flight)
    _of_returns(account, process, others, findings, flight)
    if process is not None:
        _heard(account, process, others, findings, flight)
        _of_cart(account, process, others.carts, findings, flight)


def _of_money(account: Account, findings: Findings, flight: Flight) -> None:
    """Nothing is due for ever; what has ended keeps and holds nothing."""
    order = account.order
    if not order.payments.payments:
        return
    name, now = order.order_id, account.balance()
    findings.expect("due", name, now.due, 0, flight)
    findings.expect("to-void", name, list(to_void(owed(order), order.payments)), [], flight)
    if order.ended:
        findings.expect("held-by-ended", name, now.held, 0, flight)
        kept = max(0, now.kept - now.need)  # a fee of a return is kept
        findings.expect("kept-by-ended", name, kept, 0, flight)


def _of_stock(
    account: Account, process: Process | None, book: StockBook, findings: Findings, flight: Flight
) -> None:
    order, held = account.order, book.lines.get(account.order.order_id, {})
    if not held and not order.units:
        return
    items = {} if process is None else {line.line_id: line.item_id for line in process.lines}
    lines = {line.line_id for line in order.facts.lines}
    for (item_id, line_id), here in held.items():
        where = f"{order.order_id} {line_id}"
        if order.ended:
            findings.expect("held-for-ended", where, (here.held, here.waiting), (0, 0), flight)
        if items.get(line_id) == item_id and line_id not in lines:
            findings.differ("line-unknown", where, f"{item_id} holds units for it", flight)
    for line, cancelled, units in zip(order.facts.lines, order.all_cancelled, order.all_units, strict=True):
        item_id = items.get(line.line_id, "")
        if not item_id:
            continue  # no stock is kept of it
        where, known = f"{order.order_id} {line.line_id}", held.get((item_id, line.line_id), NOTHING)
        says = known.held + known.gone, known.waiting
        findings.expect("reservation", where, (units.reserved, units.backordered), says, flight)
        findings.expect("shipped", where, units.shipped, known.gone, flight)
        most = max(line.quantity - cancelled, units.shipped)
        if sum(says) > most:
            what = f"{sum(says)} held, waited for or gone, {most} wanted"
            findings.differ("held-too-much", where, what, flight)


def _of_returns(
    account: Account, process: Process | None, others: Others, findings: Findings, flight: Flight
) -> None:
    """What was inspected, the order knows, the stock has again, and the ledger has granted."""
    order, book = account.order, others.returns
    recorded = {
        (each.facts.return_id, receipt.facts.receipt_id)
        for each in order.returns
        for receipt in each.receipts
    }
    granted = {grant.grant_id for grant in order.payments.grants}
    for name in book.of_order.get(order.order_id, ()):
        returned = book.returns[name]
        for receipt in returned.receipts:
            at = name, receipt.received.receipt_id
            if not receipt.placed:
                continue
            where = f"{order.order_id} {' '.join(at)}"
            findings.expect("receipt-recorded", where, at in recorded, wanted=True, flight=flight)
            if order.payments.payments:
                findings.expect("receipt-granted", where, joined(*at) in granted, wanted=True, flight=flight)
            if process is None or process.asked is None:
                continue
            for placed in receipt.placed:
                known = others.stock.restocked.get((*at, placed.line_id), 0)
                findings.expect("restocked", f"{where} {placed.line_id}", known, placed.restocked, flight)


def _of_cart(account: Account, process: Process, carts: CartBook, findings: Findings, flight: Flight) -> None:
    """A cart became one order: the one that was taken on."""
    cart_id = process.cart_id
    if cart_id is None:
        return
    cart, name = carts.carts.get(cart_id), account.order.order_id
    has = cart is not None and cart.order_id == name
    if account.order.confirmed and process.cart is CartIs.CLAIMED:
        findings.expect("cart-of-order", f"{name} {cart_id}", has, wanted=True, flight=flight)
    elif account.order.ended and not account.order.confirmed:
        findings.expect("cart-of-ended", f"{name} {cart_id}", has, wanted=False, flight=flight)


def _heard(account: Account, process: Process, others: Others, findings: Findings, flight: Flight) -> None:
    """The processes have heard all that there was to hear."""
    name = account.order.order_id
    findings.expect("heard-of-order", name, process.heard, account.order.version, flight)
    held = others.stock.lines.get(name, {})
    for line in process.lines:
        known = held.get((line.item_id, line.line_id))
        if known is not None:
            findings.expect("heard-of-stock", f"{name} {line.line_id}", line.revision, known.version, flight)
    versions = {each.return_id: each.version for each in process.returns}
    for each in others.returns.of_order.get(name, ()):
        version = others.returns.returns[each].version
        findings.expect("heard-of-return", f"{name} {each}", versions.get(each, 0), version, flight)
