"""One payment command and event of every type, with every field that it can have."""

from datetime import UTC, datetime
from typing import Final

from app.domain.payment import events
from app.domain.payment.commands import (
    Asked,
    AuthorizePayment,
    CapturePayment,
    GrantRefund,
    PaymentCommand,
    RecordAuthorizationExpired,
    RecordCaptureFailed,
    RecordChargebackReversed,
    RecordDisputeOpened,
    RecordPaymentAuthorized,
    RecordPaymentCaptured,
    RecordPaymentDeclined,
    RecordPaymentVoided,
    RecordRefundFailed,
    RecordRefundReversed,
    RecordRefundSucceeded,
    RecordVoidFailed,
    RefundPayment,
    UnitsToRefund,
    VoidPayment,
)
from app.domain.payment.decider import RECORDED
from app.domain.payment.events import PaymentEvent

NOON: Final = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
UNITS: Final = (UnitsToRefund(line_id="1", quantity=2),)

PAYMENT_COMMANDS: Final[tuple[PaymentCommand, ...]] = (
    AuthorizePayment(payment_id="p-1", amount=9990, provider="stripe", method="pm_1", expires_at=NOON),
    CapturePayment(capture_id="cap-1", payment_id="p-1", amount=9990, at=NOON),
    VoidPayment(payment_id="p-1", reason="changed my mind"),
    GrantRefund(grant_id="g-1", lines=UNITS, shipping=700, amount=100, fee=300, reason="return rt-1"),
    RefundPayment(
        refund_id="r-1", capture_id="cap-1", lines=UNITS, shipping=700, amount=100, reason='too "warm"'
    ),
    RecordPaymentAuthorized(
        payment_id="p-1", amount=9990, provider="stripe", method="pm_1", reference="pi_1", expires_at=NOON
    ),
    RecordPaymentDeclined(payment_id="p-1", code="card_declined", detail="Your card was declined."),
    RecordPaymentCaptured(
        payment_id="p-1", capture_id="cap-1", amount=9990, provider="stripe", reference="ch_1"
    ),
    RecordCaptureFailed(payment_id="p-1", capture_id="cap-1", code="captured_by_another", detail="No."),
    RecordPaymentVoided(payment_id="p-1", provider="stripe"),
    RecordVoidFailed(payment_id="p-1", attempt=2, code="payment_intent_captured", detail="No."),
    RecordRefundSucceeded(
        payment_id="p-1",
        refund_id="r-1",
        amount=2500,
        capture_id="cap-1",
        provider="stripe",
        reference="re_1",
    ),
    RecordRefundFailed(payment_id="p-1", refund_id="r-1", code="lost_or_stolen_card", detail="No."),
    RecordRefundReversed(payment_id="p-1", refund_id="r-1", code="expired_or_canceled_card", detail="No."),
    RecordAuthorizationExpired(payment_id="p-1"),
    RecordDisputeOpened(
        payment_id="p-1", dispute_id="dp-1", amount=10_100, reason="fraudulent", provider="stripe"
    ),
    RecordChargebackReversed(payment_id="p-1", dispute_id="dp-1"),
)

PAYMENT_EVENTS: Final[tuple[PaymentEvent, ...]] = (
    events.PaymentAuthorizationRequested(
        payment_id="p-1",
        amount=9990,
        currency="KWD",
        exponent=3,
        provider="stripe",
        method="pm_1",
        expires_at=NOON,
    ),
    events.PaymentCaptureRequested(
        payment_id="p-1",
        capture_id="cap-1",
        amount=9990,
        currency="KWD",
        exponent=3,
        provider="stripe",
        reference="pi_1",
    ),
    events.PaymentVoidRequested(
        payment_id="p-1", attempt=2, provider="stripe", reference="pi_1", reason="changed my mind"
    ),
    events.RefundGranted(
        grant_id="g-1",
        asked=Asked(lines=UNITS, shipping=700, amount=100, fee=300),
        lines=(
            events.Part(line_id="1", quantity=2, amount=2000),
            events.Part(line_id="2", amount=90),
        ),
        shipping=700,
        other=10,
        fee=300,
        amount=2500,
        reason="return rt-1",
    ),
    events.RefundRequested(
        payment_id="p-1",
        refund_id="r-1",
        capture_id="cap-1",
        asked=Asked(lines=UNITS, shipping=700, amount=100),
        owed=50,
        of_grants=30,
        lines=(events.Part(line_id="1", quantity=2, amount=2000),),
        shipping=700,
        other=50,
        amount=2800,
        currency="KWD",
        exponent=3,
        provider="stripe",
        reference="pi_1",
        reason='too "warm"',
    ),
    *[
        RECORDED[type(fact)](**{name: getattr(fact, name) for name in fact.__struct_fields__})
        for fact in PAYMENT_COMMANDS
        if type(fact) in RECORDED
    ],
)
