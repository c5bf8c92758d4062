"""Rules of what the stock holds for an order, and of what leaves and arrives.

shipped <= ordered - cancelled, always; shipped <= reserved, unless somebody gives a reason.
"""

from msgspec.structs import asdict, replace

from app.domain.order import commands, events
from app.domain.order.commands import Units
from app.domain.order.standing import known, require_room, room_for_one_more, unheld
from app.domain.order.state import LineUnits, Order, Sent, Shipment
from app.domain.order.units import by_place, changed, of_lines, told
from app.domain.refused import Code, Refused


def record_reservation(
    order: Order | None, command: commands.RecordReservation
) -> tuple[events.OrderEvent, ...]:
    """Take what the stock says, whatever became of the order: it is a fact."""
    if _line(known(order), command).revision >= command.revision:
        return ()
    return (events.ReservationRecorded(**asdict(command)),)


def release_reservation(
    order: Order | None, command: commands.ReleaseReservation
) -> tuple[events.OrderEvent, ...]:
    units = _line(known(order), command)
    if units.revision >= command.revision:
        return ()
    return (
        events.ReservationReleased(
            line_id=command.line_id,
            reserved=max(0, units.reserved - units.shipped),
            backordered=units.backordered,
            revision=command.revision,
            reason=command.reason,
        ),
    )


def ship(order: Order | None, command: commands.ShipOrder) -> tuple[events.OrderEvent, ...]:
    """Let units leave. With a reason, although they are not reserved or the order is not confirmed."""
    leaving = events.OrderShipped(**asdict(command))
    order = known(order)
    before = _find(order, command.shipment_id)
    if before is not None:
        sent = told(order, [(each.place, each.quantity) for each in before.sent])
        if replace(leaving, at=before.facts.at) == replace(before.facts, lines=sent):
            return ()
        raise Refused(Code.SHIPMENT_ID_REUSED, f"shipment {command.shipment_id} is another one")
    order = unheld(order)
    forced = bool(command.reason)
    if not order.confirmed and not forced:
        raise Refused(Code.ORDER_NOT_CONFIRMED, "the order was not taken on yet")
    for place, wanted in by_place(order, command.lines).items():
        line, units = order.facts.lines[place], order.all_units[place]
        left = line.quantity - order.all_cancelled[place] - units.shipped
        if wanted.quantity > left:
            raise Refused(
                Code.QUANTITY_EXCEEDS_ORDERED,
                f"line {line.line_id}: {wanted.quantity} to ship, {left} left",
            )
        held = max(0, units.reserved - units.shipped)
        if wanted.quantity > held and not forced:
            raise Refused(
                Code.QUANTITY_EXCEEDS_RESERVED,
                f"line {line.line_id}: {wanted.quantity} to ship, {held} reserved",
            )
    room_for_one_more(order.shipments, "shipments")
    require_room(shipped(order, leaving, order.order_id))
    return (leaving,)


def update_tracking(order: Order | None, command: commands.UpdateTracking) -> tuple[events.OrderEvent, ...]:
    shipment = _require(known(order), command.shipment_id)
    if (shipment.carrier, shipment.tracking) == (command.carrier, command.tracking):
        return ()
    return (events.TrackingUpdated(**asdict(command)),)


def confirm_delivery(order: Order | None, command: commands.ConfirmDelivery) -> tuple[events.OrderEvent, ...]:
    """Take what arrived: `lines` are totals, so that one that is late says nothing new."""
    order = known(order)
    shipment = _require(order, command.shipment_id)
    sent = {each.place: each for each in shipment.sent}
    arrived = {place: units.quantity for place, units in by_place(order, command.lines).items()}
    news = []
    for place, quantity in (arrived or {place: each.quantity for place, each in sent.items()}).items():
        known_of = sent.get(place, Sent(place=place, quantity=0))
        if quantity > known_of.quantity:
            raise Refused(
                Code.QUANTITY_EXCEEDS_SHIPPED,
                f"line {order.facts.lines[place].line_id}: {quantity} arrived, "
                f"{known_of.quantity} in shipment {command.shipment_id}",
            )
        news.append((place, max(0, quantity - known_of.delivered)))
    lines = told(order, news)
    if not lines:
        return ()
    return (events.DeliveryConfirmed(shipment_id=command.shipment_id, lines=lines, at=command.at),)


def reservation_recorded(order: Order, event: events.ReservationRecorded, _order_id: str) -> Order:
    units = replace(
        of_lines(order)[event.line_id],
        reserved=event.reserved,
        backordered=event.backordered,
        revision=event.revision,
    )
    return replace(order, version=order.version + 1, units=changed(order, {event.line_id: units}))


def reservation_released(order: Order, event: events.ReservationReleased, _order_id: str) -> Order:
    before = of_lines(order)[event.line_id]
    units = replace(before, reserved=before.reserved - event.reserved, backordered=0, revision=event.revision)
    return replace(order, version=order.version + 1, units=changed(order, {event.line_id: units}))


def shipped(order: Order, event: events.OrderShipped, _order_id: str) -> Order:
    before = of_lines(order)
    units = {
        line.line_id: replace(before[line.line_id], shipped=before[line.line_id].shipped + line.quantity)
        for line in event.lines
    }
    shipment = Shipment(
        facts=replace(event, lines=()),
        carrier=event.carrier,
        tracking=event.tracking,
        sent=tuple(
            [
                Sent(place=place, quantity=part.quantity)
                for place, part in by_place(order, event.lines).items()
            ]
        ),
    )
    return replace(
        order,
        version=order.version + 1,
        units=changed(order, units),
        shipments=(*order.shipments, shipment),
    )


def tracking_updated(order: Order, event: events.TrackingUpdated, _order_id: str) -> Order:
    shipments = [
        replace(each, carrier=event.carrier, tracking=event.tracking)
        if each.facts.shipment_id == event.shipment_id
        else each
        for each in order.shipments
    ]
    return replace(order, version=order.version + 1, shipments=tuple(shipments))


def delivered(order: Order, event: events.DeliveryConfirmed, _order_id: str) -> Order:
    before = of_lines(order)
    units = {
        line.line_id: replace(before[line.line_id], delivered=before[line.line_id].delivered + line.quantity)
        for line in event.lines
    }
    shipments = [
        replace(each, sent=_arrived(order, each, event.lines))
        if each.facts.shipment_id == event.shipment_id
        else each
        for each in order.shipments
    ]
    return replace(order, version=order.version + 1, units=changed(order, units), shipments=tuple(shipments))


def _arrived(order: Order, shipment: Shipment, lines: tuple[Units, ...]) -> tuple[Sent, ...]:
    more = {place: units.quantity for place, units in by_place(order, lines).items()}
    return tuple(
        [replace(each, delivered=each.delivered + more.get(each.place, 0)) for each in shipment.sent]
    )


def _line(order: Order, command: commands.RecordReservation | commands.ReleaseReservation) -> LineUnits:
    (place,) = by_place(order, (command,))
    return order.all_units[place]


def _find(order: Order, shipment_id: str) -> Shipment | None:
    return next((each for each in order.shipments if each.facts.shipment_id == shipment_id), None)


def _require(order: Order, shipment_id: str) -> Shipment:
    shipment = _find(order, shipment_id)
    if shipment is None:
        raise Refused(Code.SHIPMENT_UNKNOWN, f"no shipment {shipment_id} of this order")
    return shipment
