"""The names of payment messages on the wire. They belong to the contract of the order, whose ledger they change."""

from typing import Final

from app.domain.payment import commands, events

PAYMENT_COMMANDS: Final[dict[type, str]] = {
    commands.AuthorizePayment: "authorize-payment.v1",
    commands.CapturePayment: "capture-payment.v1",
    commands.VoidPayment: "void-payment.v1",
    commands.GrantRefund: "grant-refund.v1",
    commands.RefundPayment: "refund-payment.v1",
    commands.RecordPaymentAuthorized: "record-payment-authorized.v1",
    commands.RecordPaymentDeclined: "record-payment-declined.v1",
    commands.RecordPaymentCaptured: "record-payment-captured.v1",
    commands.RecordCaptureFailed: "record-capture-failed.v1",
    commands.RecordPaymentVoided: "record-payment-voided.v1",
    commands.RecordVoidFailed: "record-void-failed.v1",
    commands.RecordRefundSucceeded: "record-refund-succeeded.v1",
    commands.RecordRefundFailed: "record-refund-failed.v1",
    commands.RecordRefundReversed: "record-refund-reversed.v1",
    commands.RecordAuthorizationExpired: "record-authorization-expired.v1",
    commands.RecordDisputeOpened: "record-dispute-opened.v1",
    commands.RecordChargebackReversed: "record-chargeback-reversed.v1",
}
PAYMENT_EVENTS: Final[dict[type, str]] = {
    events.PaymentAuthorizationRequested: "payment-authorization-requested.v1",
    events.PaymentCaptureRequested: "payment-capture-requested.v1",
    events.PaymentVoidRequested: "payment-void-requested.v1",
    events.RefundGranted: "refund-granted.v1",
    events.RefundRequested: "refund-requested.v1",
    events.PaymentAuthorized: "payment-authorized.v1",
    events.PaymentDeclined: "payment-declined.v1",
    events.PaymentCaptured: "payment-captured.v1",
    events.PaymentCaptureFailed: "payment-capture-failed.v1",
    events.PaymentVoided: "payment-voided.v1",
    events.PaymentVoidFailed: "payment-void-failed.v1",
    events.RefundSucceeded: "refund-succeeded.v1",
    events.RefundFailed: "refund-failed.v1",
    events.RefundReversed: "refund-reversed.v1",
    events.AuthorizationExpired: "authorization-expired.v1",
    events.DisputeOpened: "dispute-opened.v1",
    events.ChargebackReversed: "chargeback-reversed.v1",
}
