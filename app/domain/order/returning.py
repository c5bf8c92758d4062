"""Rules of units that come back: advised, received in parts, or not coming after all.

What came back is a fact. A parcel that comes after its return was withdrawn is taken, too, so long as units of the
line are out.
"""

from msgspec.structs import asdict, replace

from app.domain.order import commands, events
from app.domain.order.commands import Units
from app.domain.order.standing import known, room_for_one_more
from app.domain.order.state import Order, ReturnOfUnits
from app.domain.order.units import by_place, changed, of_lines
from app.domain.refused import Code, Refused


def advise(order: Order | None, command: commands.AdviseReturn) -> tuple[events.OrderEvent, ...]:
    order = known(order)
    advised = events.ReturnAdvised(**asdict(command))
    before = _find(order, command.return_id)
    if before is not None:
        if before.facts == advised:
            return ()
        raise Refused(Code.RETURN_ID_REUSED, f"return {command.return_id} is another one")
    for place, wanted in by_place(order, command.lines).items():
        units = order.all_units[place]
        _require_out(wanted.line_id, wanted.quantity, units.shipped - units.advised)
    room_for_one_more(order.returns, "returns")
    return (advised,)


def withdraw(order: Order | None, command: commands.WithdrawReturn) -> tuple[events.OrderEvent, ...]:
    found = _require(known(order), command.return_id)
    if found.withdrawn:
        return ()
    missing = tuple(
        [
            Units(line_id=line_id, quantity=quantity)
            for line_id, quantity in _awaited(found).items()
            if quantity
        ]
    )
    return (events.ReturnWithdrawn(return_id=command.return_id, lines=missing, reason=command.reason),)


def record_receipt(
    order: Order | None, command: commands.RecordReturnReceipt
) -> tuple[events.OrderEvent, ...]:
    order = known(order)
    found = _require(order, command.return_id)
    receipt = events.ReturnReceiptRecorded(**asdict(command))
    for each in found.receipts:
        if each.receipt_id == receipt.receipt_id:
            if replace(receipt, at=each.at) == each:
                return ()
            raise Refused(Code.RECEIPT_ID_REUSED, f"receipt {receipt.receipt_id} is another one")
    expected = _awaited(found)
    for place, came in by_place(order, command.lines).items():
        units = order.all_units[place]
        out = expected.get(came.line_id, 0) + units.shipped - units.advised
        _require_out(came.line_id, came.sellable + came.damaged, out)
    if not any(line.sellable + line.damaged for line in command.lines):
        raise Refused(Code.RETURN_EMPTY, f"receipt {command.receipt_id} has no unit")
    room_for_one_more(found.receipts, "receipts of a return")
    return (receipt,)


def advised(order: Order, event: events.ReturnAdvised, _order_id: str) -> Order:
    before = of_lines(order)
    units = {
        line.line_id: replace(before[line.line_id], advised=before[line.line_id].advised + line.quantity)
        for line in event.lines
    }
    return replace(
        order,
        version=order.version + 1,
        units=changed(order, units),
        returns=(*order.returns, ReturnOfUnits(facts=event)),
    )


def withdrawn(order: Order, event: events.ReturnWithdrawn, _order_id: str) -> Order:
    before = of_lines(order)
    units = {
        line.line_id: replace(before[line.line_id], advised=before[line.line_id].advised - line.quantity)
        for line in event.lines
    }
    returns = [
        replace(each, withdrawn=True) if each.facts.return_id == event.return_id else each
        for each in order.returns
    ]
    return replace(order, version=order.version + 1, units=changed(order, units), returns=tuple(returns))


def received(order: Order, event: events.ReturnReceiptRecorded, _order_id: str) -> Order:
    """A unit that nobody expected any more is advised by its coming."""
    expected = _awaited(_require(order, event.return_id))
    before = of_lines(order)
    units = {}
    for line in event.lines:
        was = before[line.line_id]
        unexpected = max(0, line.sellable + line.damaged - expected.get(line.line_id, 0))
        units[line.line_id] = replace(
            was,
            advised=was.advised + unexpected,
            sellable=was.sellable + line.sellable,
            damaged=was.damaged + line.damaged,
        )
    returns = [
        replace(each, receipts=(*each.receipts, event)) if each.facts.return_id == event.return_id else each
        for each in order.returns
    ]
    return replace(order, version=order.version + 1, units=changed(order, units), returns=tuple(returns))


def _awaited(found: ReturnOfUnits) -> dict[str, int]:
    """Return how many units of each line are still to come with a return."""
    if found.withdrawn:
        return {}
    awaited = {line.line_id: line.quantity for line in found.facts.lines}
    for receipt in found.receipts:
        for line in receipt.lines:
            awaited[line.line_id] = max(0, awaited.get(line.line_id, 0) - line.sellable - line.damaged)
    return awaited


def _require_out(line_id: str, quantity: int, out: int) -> None:
    if quantity > out:
        raise Refused(Code.RETURN_EXCEEDS_LINE, f"line {line_id}: {quantity} to come back, {out} are out")


def _find(order: Order, return_id: str) -> ReturnOfUnits | None:
    return next((each for each in order.returns if each.facts.return_id == return_id), None)


def _require(order: Order, return_id: str) -> ReturnOfUnits:
    found = _find(order, return_id)
    if found is None:
        raise Refused(Code.RETURN_UNKNOWN, f"no return {return_id} of this order")
    return found
