"""The rules of a return. Units come once, are placed once, and together are worth what the line was worth."""

from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import asdict

from app.domain.bounds import LINES_LIMIT
from app.domain.refused import Code, Refused
from app.domain.returns.amounts import extras, worth
from app.domain.returns.commands import (
    ApproveReturn,
    CloseReturn,
    InspectReceipt,
    ReceiveReturn,
    RejectReturn,
    RequestReturn,
    ReturnCommand,
    UnitsToPlace,
)
from app.domain.returns.events import (
    ReceiptInspected,
    ReturnApproved,
    ReturnClosed,
    ReturnEvent,
    ReturnReceived,
    ReturnRejected,
    ReturnRequested,
    UnitsMissing,
    UnitsPlaced,
    UnitsReceived,
)
from app.domain.returns.state import RECEIPTS_LIMIT, Receipt, Return
from app.domain.returns.statuses import to_inspect

Facts = tuple[ReturnEvent, ...]


def decide(returned: Return | None, command: ReturnCommand) -> Facts:
    """Return what happens. `()`: it already has. Raises `Refused`: it never will."""
    return DECIDE[type(command)](returned, command)


def _request(returned: Return | None, command: RequestReturn) -> Facts:
    event = ReturnRequested(**asdict(command))
    if returned is not None:
        if returned.facts != event:
            raise Refused(Code.RETURN_ID_REUSED, f"it is a return of order {returned.facts.order_id}")
        return ()
    if len(command.lines) > LINES_LIMIT:
        raise Refused(Code.ORDER_TOO_LARGE, f"{len(command.lines)} lines; an order has at most {LINES_LIMIT}")
    _require_distinct([line.line_id for line in command.lines])
    for line in command.lines:
        left = line.ordered - line.before
        if line.quantity > left:
            raise Refused(
                Code.RETURN_EXCEEDS_LINE, f"line {line.line_id}: {line.quantity} to return, {left} left"
            )
    return (event,)


def _approve(returned: Return | None, command: ApproveReturn) -> Facts:
    returned = _known(returned)
    terms = returned.approved
    if terms is not None:
        if (terms.fee, terms.shipping) != (command.fee, command.shipping):
            raise Refused(
                Code.RETURN_ALREADY_APPROVED, f"with a fee of {terms.fee} and shipping of {terms.shipping}"
            )
        return ()
    _require_not_rejected(returned)
    if command.shipping > returned.facts.shipping_left:
        raise Refused(
            Code.REFUND_EXCEEDS_SHIPPING,
            f"{command.shipping} of shipping to pay back, {returned.facts.shipping_left} left",
        )
    return (
        ReturnApproved(
            order_id=returned.facts.order_id, fee=command.fee, shipping=command.shipping, at=command.at
        ),
    )


def _reject(returned: Return | None, command: RejectReturn) -> Facts:
    returned = _known(returned)
    if returned.rejected:
        return ()
    if returned.approved is not None:
        raise Refused(Code.RETURN_ALREADY_APPROVED, "close it, if nothing more comes")
    return (ReturnRejected(order_id=returned.facts.order_id, reason=command.reason, at=command.at),)


def _receive(returned: Return | None, command: ReceiveReturn) -> Facts:
    returned = _known(returned)
    if _received_before(returned, command):
        return ()
    _require_open(returned)
    _require_distinct([line.line_id for line in command.lines])
    if len(returned.receipts) >= RECEIPTS_LIMIT:
        raise Refused(Code.RECEIPTS_TOO_MANY, f"a return comes in at most {RECEIPTS_LIMIT} receipts")
    came = returned.received()
    lines = {line.line_id: line for line in returned.facts.lines}
    units, goods = [], 0
    for line in command.lines:
        taken = line.sellable + line.damaged
        expected = lines.get(line.line_id)
        if expected is None:
            raise Refused(Code.LINE_UNKNOWN, f"no line {line.line_id} in this return")
        before = came[line.line_id]
        if taken > expected.quantity - before:
            raise Refused(
                Code.QUANTITY_EXCEEDS_RETURNED,
                f"line {line.line_id}: {taken} came, {expected.quantity - before} were to come",
            )
        if not taken:
            raise Refused(Code.RETURN_EMPTY, f"nothing came of line {line.line_id}")
        amount = worth(expected, before, taken)
        units.append(
            UnitsReceived(line_id=line.line_id, sellable=line.sellable, damaged=line.damaged, amount=amount)
        )
        goods += amount
    shipping, fee = extras(returned, goods)
    return (
        ReturnReceived(
            order_id=returned.facts.order_id,
            receipt_id=command.receipt_id,
            warehouse=command.warehouse,
            lines=tuple(units),
            shipping=shipping,
            fee=fee,
            refund=goods + shipping - fee,
            at=command.at,
        ),
    )


def _inspect(returned: Return | None, command: InspectReceipt) -> Facts:
    returned = _known(returned)
    receipt = _receipt(returned, command.receipt_id)
    if receipt is None:
        raise Refused(Code.RECEIPT_UNKNOWN, f"no receipt {command.receipt_id} of this return")
    skus = {line.line_id: line.sku for line in returned.facts.lines}
    placed = tuple(
        [
            UnitsPlaced(
                line_id=line.line_id,
                sku=skus.get(line.line_id, "?"),
                restocked=line.restocked,
                written_off=line.written_off,
            )
            for line in command.lines
        ]
    )
    if receipt.placed:
        if receipt.placed != placed:
            raise Refused(
                Code.RECEIPT_ALREADY_INSPECTED, f"receipt {command.receipt_id}, with another result"
            )
        return ()
    _require_all_placed(receipt, command.lines)
    return (
        ReceiptInspected(
            order_id=returned.facts.order_id,
            receipt_id=command.receipt_id,
            warehouse=receipt.received.warehouse,
            lines=placed,
            at=command.at,
        ),
    )


def _close(returned: Return | None, command: CloseReturn) -> Facts:
    returned = _known(returned)
    if returned.closed:
        return ()
    _require_open(returned)
    waiting = to_inspect(returned)
    if waiting:
        raise Refused(Code.RETURN_UNINSPECTED, f"to inspect: receipts {', '.join(waiting)}")
    came = returned.received()
    missing = [
        UnitsMissing(line_id=line.line_id, quantity=line.quantity - came[line.line_id])
        for line in returned.facts.lines
        if came[line.line_id] < line.quantity
    ]
    return (
        ReturnClosed(
            order_id=returned.facts.order_id, missing=tuple(missing), reason=command.reason, at=command.at
        ),
    )


DECIDE: dict[type, Callable[[Return | None, Any], Facts]] = {
    RequestReturn: _request,
    ApproveReturn: _approve,
    RejectReturn: _reject,
    ReceiveReturn: _receive,
    InspectReceipt: _inspect,
    CloseReturn: _close,
}


def _known(returned: Return | None) -> Return:
    if returned is None:
        raise Refused(Code.RETURN_UNKNOWN, "no return with this id was asked for")
    return returned


def _require_not_rejected(returned: Return) -> None:
    if returned.rejected:
        raise Refused(Code.RETURN_REJECTED, f"rejected at version {returned.version}")


def _require_open(returned: Return) -> None:
    """Units may come: the return is approved, and not closed."""
    _require_not_rejected(returned)
    if returned.closed:
        raise Refused(Code.RETURN_CLOSED, f"closed at version {returned.version}")
    if returned.approved is None:
        raise Refused(Code.RETURN_NOT_APPROVED, "nobody approved it yet")


def _receipt(returned: Return, receipt_id: str) -> Receipt | None:
    return next((each for each in returned.receipts if each.received.receipt_id == receipt_id), None)


def _received_before(returned: Return, command: ReceiveReturn) -> bool:
    receipt = _receipt(returned, command.receipt_id)
    if receipt is None:
        return False
    before = [(line.line_id, line.sellable, line.damaged) for line in receipt.received.lines]
    if before != [(line.line_id, line.sellable, line.damaged) for line in command.lines]:
        raise Refused(Code.RECEIPT_ID_REUSED, f"receipt {command.receipt_id} had other units")
    return True


def _require_all_placed(receipt: Receipt, lines: Iterable[UnitsToPlace]) -> None:
    lines = list(lines)
    _require_distinct([line.line_id for line in lines])
    came = {line.line_id: line for line in receipt.received.lines}
    for line in lines:
        units = came.pop(line.line_id, None)
        if units is None:
            raise Refused(Code.LINE_UNKNOWN, f"no line {line.line_id} in this receipt")
        placed = line.restocked + line.written_off
        if placed != units.sellable + units.damaged or line.restocked > units.sellable:
            raise Refused(
                Code.INSPECTION_DIFFERS,
                f"line {line.line_id}: {line.restocked} restocked and {line.written_off} written off "
                f"of {units.sellable} sellable and {units.damaged} damaged",
            )
    if came:
        raise Refused(Code.INSPECTION_DIFFERS, f"nothing is said of line {', '.join(came)}")


def _require_distinct(line_ids: list[str]) -> None:
    if len(set(line_ids)) < len(line_ids):
        twice = next(line_id for line_id in line_ids if line_ids.count(line_id) > 1)
        raise Refused(Code.DUPLICATE_LINE, f"line {twice} is there more than once")
