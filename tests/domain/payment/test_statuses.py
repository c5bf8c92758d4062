"""The status of an order's payment follows from its money."""

import pytest

from app.domain.payment.commands import (
    PaymentCommand,
    RecordAuthorizationExpired,
    RecordDisputeOpened,
    RecordPaymentDeclined,
)
from app.domain.payment.statuses import MovementStatus, PaymentStatus, movement_status
from tests.domain.payment.scenario import (
    PAID,
    authorize,
    authorized,
    capture,
    captured,
    given,
    refund,
    refunded,
    voided,
)

HELD = (authorize(), authorized())
PART = (*HELD, capture(4000), captured(4000))
EXPIRED = RecordAuthorizationExpired(payment_id="p")
DECLINED = RecordPaymentDeclined(payment_id="p")


@pytest.mark.parametrize(
    ("commands", "status"),
    [
        ((), "none"),
        ((authorize(),), "none"),
        ((authorize(), DECLINED), "none"),
        ((*HELD, EXPIRED), "none"),
        ((authorize(4000), authorized(4000)), "partially-authorised"),
        (HELD, "authorised"),
        ((*HELD, capture()), "authorised"),
        ((*HELD, voided()), "voided"),
        (PART, "partially-paid"),
        ((*PART, voided()), "partially-paid"),
        (PAID, "paid"),
        ((*PAID, captured(1, "d")), "overcharged"),
        ((*PAID, refund("r", 1)), "overcharged"),
        ((*PAID, refund("r", 1), refunded("r", 1)), "partially-refunded"),
        ((*PAID, refund("r", 10_000), refunded("r", 10_000)), "refunded"),
        ((*PAID, RecordDisputeOpened(payment_id="p", dispute_id="d", amount=1)), "disputed"),
    ],
)
def test_the_payment_of_an_order(commands: tuple[PaymentCommand, ...], status: str) -> None:
    assert given(*commands).status == PaymentStatus(status)


@pytest.mark.parametrize(
    ("commands", "status"),
    [
        ((authorize(),), "requested"),
        ((authorize(), DECLINED), "declined"),
        ((authorize(), DECLINED, authorized()), "authorised"),
        (HELD, "authorised"),
        (PART, "partially-captured"),
        ((*PART, voided()), "captured"),
        (PAID, "captured"),
        ((*PAID, refunded("r", 10_000)), "refunded"),
        ((*HELD, voided()), "voided"),
        ((*HELD, EXPIRED), "expired"),
    ],
)
def test_one_payment(commands: tuple[PaymentCommand, ...], status: str) -> None:
    assert movement_status(given(*commands).ledger.payments[0]) == MovementStatus(status)
