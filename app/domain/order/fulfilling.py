"""Rules of what the stock holds for an order, and of what leaves and arrives.

shipped <= ordered - cancelled, always; shipped <= reserved, unless somebody gives a reason.
"""

from msgspec.structs import asdict, replace

from app.domain.order import commands, events
from app.domain.order.commands import Units
from app.domain.order.standing import known, room_for_one_more, unheld
from app.domain.order.state import LineUnits, Order, Shipment
from app.domain.order.units import by_place, changed, of_lines
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
    shipped = events.OrderShipped(**asdict(command))
    before = _find(known(order), command.shipment_id)
    if before is not None:
        if replace(shipped, at=before.facts.at) == before.facts:
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
    return (shipped,)


def update_tracking(order: Order | None, command: commands.UpdateTracking) -> tuple[events.OrderEvent, ...]:
    shipment = _require(known(order), command.shipment_id)
    if (shipment.carrier, shipment.tracking) == (command.carrier, command.tracking):
        return ()
    return (events.TrackingUpdated(**asdict(command)),)


def confirm_delivery(order: Order | None, command: commands.ConfirmDelivery) -> tuple[events.OrderEvent, ...]:
    """Take what arrived: `lines` are totals, so that one that is late says nothing new."""
    order = known(order)
    shipment = _require(order, command.shipment_id)
    sent = {units.line_id: units.quantity for units in shipment.facts.lines}
    had = {units.line_id: units.quantity for units in shipment.delivered}
    news = []
    for units in by_place(order, command.lines or shipment.facts.lines).values():
        most = sent.get(units.line_id, 0)
        if units.quantity > most:
            raise Refused(
                Code.QUANTITY_EXCEEDS_SHIPPED,
                f"line {units.line_id}: {units.quantity} arrived, {most} in shipment {command.shipment_id}",
            )
        more = units.quantity - had.get(units.line_id, 0)
        if more > 0:
            news.append(Units(line_id=units.line_id, quantity=more))
    if not news:
        return ()
    return (events.DeliveryConfirmed(shipment_id=command.shipment_id, lines=tuple(news), at=command.at),)


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
    shipment = Shipment(facts=event, carrier=event.carrier, tracking=event.tracking)
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
        replace(each, delivered=_sum(each.delivered, event.lines))
        if each.facts.shipment_id == event.shipment_id
        else each
        for each in order.shipments
    ]
    return replace(order, version=order.version + 1, units=changed(order, units), shipments=tuple(shipments))


def _sum(some: tuple[Units, ...], more: tuple[Units, ...]) -> tuple[Units, ...]:
    whole: dict[str, int] = {}
    for units in (*some, *more):
        whole[units.line_id] = whole.get(units.line_id, 0) + units.quantity
    return tuple([Units(line_id=line_id, quantity=quantity) for line_id, quantity in whole.items()])


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
