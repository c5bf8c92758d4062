"""Rules of units that come back: advised, received in parts, or not coming after all.

What came back is a fact. A parcel that comes after its return was withdrawn is taken, too, so long as units of the
line are out.
"""

from msgspec.structs import asdict, replace

from app.domain.order import commands, events
from app.domain.order.standing import known, require_room, room_for_one_more
from app.domain.order.state import Came, Expected, Order, Receipt, ReturnOfUnits
from app.domain.order.units import by_place, changed, of_lines, told
from app.domain.refused import Code, Refused


def advise(order: Order | None, command: commands.AdviseReturn) -> tuple[events.OrderEvent, ...]:
    order = known(order)
    coming = events.ReturnAdvised(**asdict(command))
    before = _find(order, command.return_id)
    if before is not None:
        expected = told(order, [(each.place, each.quantity) for each in before.expected])
        if replace(before.facts, lines=expected) == coming:
            return ()
        raise Refused(Code.RETURN_ID_REUSED, f"return {command.return_id} is another one")
    for place, wanted in by_place(order, command.lines).items():
        units = order.all_units[place]
        _require_out(wanted.line_id, wanted.quantity, units.shipped - units.advised)
    room_for_one_more(order.returns, "returns")
    require_room(advised(order, coming, order.order_id))
    return (coming,)


def withdraw(order: Order | None, command: commands.WithdrawReturn) -> tuple[events.OrderEvent, ...]:
    order = known(order)
    found = _require(order, command.return_id)
    if found.withdrawn:
        return ()
    missing = told(order, _awaited(found).items())
    return (events.ReturnWithdrawn(return_id=command.return_id, lines=missing, reason=command.reason),)


def record_receipt(
    order: Order | None, command: commands.RecordReturnReceipt
) -> tuple[events.OrderEvent, ...]:
    order = known(order)
    found = _require(order, command.return_id)
    receipt = events.ReturnReceiptRecorded(**asdict(command))
    came = _came(order, receipt)
    for each in found.receipts:
        if each.facts.receipt_id == receipt.receipt_id:
            if each.came == came:
                return ()
            raise Refused(Code.RECEIPT_ID_REUSED, f"receipt {receipt.receipt_id} is another one")
    expected = _awaited(found)
    for part in came:
        units = order.all_units[part.place]
        out = expected.get(part.place, 0) + units.shipped - units.advised
        _require_out(order.facts.lines[part.place].line_id, part.quantity, out)
    if not any(part.quantity for part in came):
        raise Refused(Code.RETURN_EMPTY, f"receipt {command.receipt_id} has no unit")
    room_for_one_more(found.receipts, "receipts of a return")
    return (receipt,)


def advised(order: Order, event: events.ReturnAdvised, _order_id: str) -> Order:
    before = of_lines(order)
    units = {
        line.line_id: replace(before[line.line_id], advised=before[line.line_id].advised + line.quantity)
        for line in event.lines
    }
    expected = [
        Expected(place=place, quantity=part.quantity) for place, part in by_place(order, event.lines).items()
    ]
    coming = ReturnOfUnits(facts=replace(event, lines=()), expected=tuple(expected))
    return replace(
        order,
        version=order.version + 1,
        units=changed(order, units),
        returns=(*order.returns, coming),
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
    came = _came(order, event)
    units = list(order.all_units)
    for part in came:
        was = units[part.place]
        units[part.place] = replace(
            was,
            advised=was.advised + max(0, part.quantity - expected.get(part.place, 0)),
            sellable=was.sellable + part.sellable,
            damaged=was.damaged + part.damaged,
        )
    receipt = Receipt(facts=replace(event, lines=()), came=came)
    returns = [
        replace(each, receipts=(*each.receipts, receipt)) if each.facts.return_id == event.return_id else each
        for each in order.returns
    ]
    return replace(order, version=order.version + 1, units=tuple(units), returns=tuple(returns))


def _came(order: Order, receipt: events.ReturnReceiptRecorded) -> tuple[Came, ...]:
    return tuple(
        [
            Came(place=place, sellable=part.sellable, damaged=part.damaged)
            for place, part in by_place(order, receipt.lines).items()
        ]
    )


def _awaited(found: ReturnOfUnits) -> dict[int, int]:
    """Return how many units of each line, by its place, are still to come with a return."""
    if found.withdrawn:
        return {}
    awaited = {each.place: each.quantity for each in found.expected}
    for receipt in found.receipts:
        for part in receipt.came:
            awaited[part.place] = max(0, awaited.get(part.place, 0) - part.quantity)
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
