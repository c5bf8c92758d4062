"""The names of what can become of an order after it was placed, on the wire."""

from typing import Final

from app.domain.order import commands, events

ORDER_COMMANDS: Final[dict[type, str]] = {
    commands.ConfirmOrder: "confirm-order.v1",
    commands.ExpireOrder: "expire-order.v1",
    commands.ChangeShippingAddress: "change-shipping-address.v1",
    commands.ProposeAmendment: "propose-amendment.v1",
    commands.ConfirmAmendment: "confirm-amendment.v1",
    commands.RejectAmendment: "reject-amendment.v1",
    commands.HoldOrder: "hold-order.v1",
    commands.ReleaseOrder: "release-order.v1",
    commands.RecordReservation: "record-reservation.v1",
    commands.ReleaseReservation: "release-reservation.v1",
    commands.ShipOrder: "ship-order.v1",
    commands.UpdateTracking: "update-tracking.v1",
    commands.ConfirmDelivery: "confirm-delivery.v1",
    commands.AdviseReturn: "advise-return.v1",
    commands.WithdrawReturn: "withdraw-return.v1",
    commands.RecordReturnReceipt: "record-return-receipt.v1",
    commands.AddNote: "add-note.v1",
    commands.CloseOrder: "close-order.v1",
}
ORDER_EVENTS: Final[dict[type, str]] = {
    events.OrderConfirmed: "order-confirmed.v1",
    events.OrderExpired: "order-expired.v1",
    events.ShippingAddressChanged: "shipping-address-changed.v1",
    events.AmendmentProposed: "amendment-proposed.v1",
    events.AmendmentConfirmed: "amendment-confirmed.v1",
    events.AmendmentRejected: "amendment-rejected.v1",
    events.OrderHeld: "order-held.v1",
    events.OrderReleased: "order-released.v1",
    events.ReservationRecorded: "reservation-recorded.v1",
    events.ReservationReleased: "reservation-released.v1",
    events.OrderShipped: "order-shipped.v1",
    events.TrackingUpdated: "tracking-updated.v1",
    events.DeliveryConfirmed: "delivery-confirmed.v1",
    events.ReturnAdvised: "return-advised.v1",
    events.ReturnWithdrawn: "return-withdrawn.v1",
    events.ReturnReceiptRecorded: "return-receipt-recorded.v1",
    events.NoteAdded: "note-added.v1",
    events.OrderClosed: "order-closed.v1",
}
