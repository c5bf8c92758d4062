"""What a reader gets of an order's payments: its totals, each payment, and what was promised back."""

from datetime import datetime

from msgspec import Struct

from app.domain.payment.balance import balance
from app.domain.payment.movements import captured_of, disputed_of, refunded_of, refunding_of
from app.domain.payment.state import Ledger, Owed, Payment
from app.domain.payment.statuses import MovementStatus, movement_status


class PaymentAnswer(Struct, frozen=True, kw_only=True, gc=False):
    """One payment. `authorized` is None while no provider has answered, `refunding`: a refund without an answer."""

    payment_id: str
    provider: str
    method: str
    status: MovementStatus
    requested: int | None
    authorized: int | None
    expires_at: datetime | None
    captured: int
    refunding: int
    refunded: int
    disputed: int


class GrantAnswer(Struct, frozen=True, kw_only=True, gc=False):
    """A promise to pay back."""

    grant_id: str
    amount: int
    fee: int


class PaymentsAnswer(Struct, frozen=True, kw_only=True, gc=False):
    """`held`: authorised or about to be, and not captured. `need`: what the order still costs, less what was granted.

    `due`: what must go back and is not under way.
    """

    held: int
    captured: int
    refunding: int
    refunded: int
    disputed: int
    granted: int
    need: int
    due: int
    payments: tuple[PaymentAnswer, ...]
    grants: tuple[GrantAnswer, ...]


def payments_answer(owed: Owed, ledger: Ledger) -> PaymentsAnswer:
    """Return what a ledger says, for what is owed."""
    now = balance(owed, ledger)
    return PaymentsAnswer(
        held=now.held,
        captured=now.captured,
        refunding=now.refunding,
        refunded=now.refunded,
        disputed=now.disputed,
        granted=now.granted,
        need=now.need,
        due=now.due,
        payments=tuple([_payment(payment) for payment in ledger.payments]),
        grants=tuple(
            [
                GrantAnswer(grant_id=grant.grant_id, amount=grant.amount, fee=grant.fee)
                for grant in ledger.grants
            ]
        ),
    )


def _payment(payment: Payment) -> PaymentAnswer:
    return PaymentAnswer(
        payment_id=payment.payment_id,
        provider=payment.provider,
        method=payment.method,
        status=movement_status(payment),
        requested=payment.requested,
        authorized=payment.authorized,
        expires_at=payment.expires_at,
        captured=captured_of(payment),
        refunding=sum([refunding_of(refund) for refund in payment.refunds]),
        refunded=sum([refunded_of(refund) for refund in payment.refunds]),
        disputed=disputed_of(payment),
    )
