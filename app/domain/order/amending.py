"""Rules of changing what was ordered.

A line keeps the price at which it was ordered: fewer units of it are cancelled, more are a line of their own. What
a change costs is said when it is proposed and must be the same when it is confirmed; what it adds must be covered.
"""

from msgspec.structs import asdict, replace

from app.domain.bounds import AMOUNT_LIMIT, LINES_LIMIT
from app.domain.order import commands, events
from app.domain.order.amounts import priced, verify
from app.domain.order.cancelling import take, without
from app.domain.order.commands import PlaceOrder, Totals
from app.domain.order.events import AmendmentProposed, UnitsCancelled
from app.domain.order.owed import uncovered
from app.domain.order.placing import require_checkout, require_distinct
from app.domain.order.standing import known, require_room, room_for_one_more, standing
from app.domain.order.state import UNTOUCHED, Amendment, Order
from app.domain.order.units import by_place
from app.domain.refused import Code, Refused


def propose(order: Order | None, command: commands.ProposeAmendment) -> tuple[events.OrderEvent, ...]:
    change = AmendmentProposed(**asdict(command))
    before = _find(known(order), command.amendment_id)
    if before is not None:
        if before.facts == change:
            return ()
        raise Refused(Code.AMENDMENT_ID_REUSED, f"amendment {command.amendment_id} is another one")
    order = standing(order)
    for each in order.amendments:
        if each.open:
            raise Refused(Code.AMENDMENT_OPEN, f"amendment {each.facts.amendment_id} has no answer yet")
    room_for_one_more(order.amendments, "amendments")
    require_room(proposed(order, change, order.order_id))
    _, difference = _settled(order, change)
    if command.difference != difference:
        raise Refused(
            Code.TOTALS_DIFFER, f"/difference is {command.difference}, but the facts give {difference}"
        )
    return (change,)


def confirm(order: Order | None, command: commands.ConfirmAmendment) -> tuple[events.OrderEvent, ...]:
    amendment = _require(known(order), command.amendment_id)
    if amendment.confirmed:
        return ()
    if amendment.rejected:
        raise Refused(Code.AMENDMENT_REJECTED, f"amendment {command.amendment_id} was rejected")
    order = standing(order)
    facts = amendment.facts
    cancelled, difference = _settled(order, facts)
    if difference != facts.difference:
        raise Refused(
            Code.AMENDMENT_OUTDATED,
            f"the order has changed: it would cost {difference} more, not {facts.difference}",
        )
    missing = uncovered(order, difference) if difference > 0 else 0
    if missing:
        raise Refused(Code.AMENDMENT_NOT_COVERED, f"{missing} is neither authorised nor paid")
    done = events.AmendmentConfirmed(
        amendment_id=command.amendment_id,
        lines=facts.lines,
        shipping=facts.shipping,
        cancelled=cancelled,
        difference=difference,
    )
    require_room(confirmed(order, done, order.order_id))
    return (done,)


def reject(order: Order | None, command: commands.RejectAmendment) -> tuple[events.OrderEvent, ...]:
    amendment = _require(known(order), command.amendment_id)
    if amendment.rejected:
        return ()
    if amendment.confirmed:
        raise Refused(Code.AMENDMENT_CONFIRMED, f"amendment {command.amendment_id} was done")
    return (events.AmendmentRejected(amendment_id=command.amendment_id, reason=command.reason),)


def proposed(order: Order, event: AmendmentProposed, _order_id: str) -> Order:
    return replace(order, version=order.version + 1, amendments=(*order.amendments, Amendment(facts=event)))


def confirmed(order: Order, event: events.AmendmentConfirmed, _order_id: str) -> Order:
    """What is added becomes a part of the facts, what goes is cancelled: readers need no third case."""
    more = len(event.lines)
    cancelled, units = order.cancelled, order.units
    if event.cancelled or cancelled:
        cancelled = without(order, event.cancelled) + (0,) * more
    if units:
        units += (UNTOUCHED,) * more
    return replace(
        _answered(order, event.amendment_id, yes=True),
        facts=_amended(order.facts, event),
        cancelled=cancelled,
        cancelled_amount=order.cancelled_amount + sum([taken.amount for taken in event.cancelled]),
        units=units,
    )


def rejected(order: Order, event: events.AmendmentRejected, _order_id: str) -> Order:
    return _answered(order, event.amendment_id, yes=False)


def _settled(order: Order, change: AmendmentProposed) -> tuple[tuple[UnitsCancelled, ...], int]:
    """Return the units that a change cancels, and what the order will cost more. Raises `Refused`."""
    facts = order.facts
    if len(facts.lines) + len(change.lines) > LINES_LIMIT:
        raise Refused(Code.ORDER_TOO_LARGE, f"an order has at most {LINES_LIMIT} lines")
    require_distinct([line.line_id for line in (*facts.lines, *change.lines)])
    if facts.checkout is not None:
        require_checkout((*facts.lines, *change.lines), facts.checkout)
    require_distinct([charge.line_id for charge in (*facts.shipping, *change.shipping)])
    added = _added(facts, change)
    verify(added)
    wanted = {}
    for place, line in by_place(order, change.quantities).items():
        left = facts.lines[place].quantity - order.all_cancelled[place]
        if line.quantity > left:
            raise Refused(
                Code.QUANTITY_EXCEEDS_ORDERED,
                f"line {line.line_id}: {line.quantity} wanted, {left} left; more are a line of their own",
            )
        if line.quantity < left:
            wanted[line.line_id] = left - line.quantity
    cancelled, left = take(order, wanted)
    if not (cancelled or change.lines or change.shipping):
        raise Refused(Code.AMENDMENT_EMPTY, "nothing would change")
    if not left and not change.lines:
        raise Refused(Code.AMENDMENT_EMPTY, "no unit would be left: cancel the order")
    if facts.totals.total + added.totals.total >= AMOUNT_LIMIT:
        raise Refused(Code.ORDER_TOO_LARGE, "the total would be too large")
    return cancelled, added.totals.total - sum([taken.amount for taken in cancelled])


def _added(facts: PlaceOrder, change: AmendmentProposed | events.AmendmentConfirmed) -> PlaceOrder:
    """Return what is added as an order of its own, with the totals that it should have."""
    part = replace(facts, lines=change.lines, shipping=change.shipping)
    return replace(part, totals=priced(part).totals)


def _amended(facts: PlaceOrder, change: events.AmendmentConfirmed) -> PlaceOrder:
    more = _added(facts, change).totals
    totals = {name: getattr(facts.totals, name) + getattr(more, name) for name in Totals.__struct_fields__}
    return replace(
        facts,
        lines=facts.lines + change.lines,
        shipping=facts.shipping + change.shipping,
        totals=Totals(**totals),
    )


def _answered(order: Order, amendment_id: str, *, yes: bool) -> Order:
    amendments = [
        replace(each, confirmed=yes, rejected=not yes) if each.facts.amendment_id == amendment_id else each
        for each in order.amendments
    ]
    return replace(order, version=order.version + 1, amendments=tuple(amendments))


def _find(order: Order, amendment_id: str) -> Amendment | None:
    return next((each for each in order.amendments if each.facts.amendment_id == amendment_id), None)


def _require(order: Order, amendment_id: str) -> Amendment:
    amendment = _find(order, amendment_id)
    if amendment is None:
        raise Refused(Code.AMENDMENT_UNKNOWN, f"no amendment {amendment_id} of this order")
    return amendment
