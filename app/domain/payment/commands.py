"""What can be asked of an order's payments, and what a provider answers. Amounts are minor units of the order.

Ours ask for a movement of money; the provider's (`Record...`) say what became of it, or of one that nobody here
asked for.
"""

from typing import Annotated

from msgspec import Meta, Struct

from app.domain.bounds import AMOUNT_LIMIT, Amount, Id, Moment, Quantity, Text
from app.domain.payment import facts

Money = Annotated[int, Meta(ge=1, lt=AMOUNT_LIMIT)]  # a movement of nothing is none


class AuthorizePayment(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Have `amount` held by a provider. `method` is the provider's word for the customer's means to pay."""

    payment_id: Id
    amount: Money
    provider: Id = "house"
    method: Text = ""
    expires_at: Moment | None = None


class CapturePayment(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Take `amount` of what is held. `at` is when this is asked: an authorisation expires."""

    capture_id: Id
    payment_id: Id
    amount: Money
    at: Moment


class VoidPayment(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Let go what is held and not captured. Asked again after a failure, it is tried again."""

    payment_id: Id
    reason: Text = ""


class UnitsToRefund(Struct, frozen=True, kw_only=True, gc=False):
    """How many units of a line to pay back."""

    line_id: Id
    quantity: Quantity


class Asked(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What to pay back: units of lines, shipping, a free amount; less a fee, never below nothing."""

    lines: tuple[UnitsToRefund, ...] = ()
    shipping: Amount = 0
    amount: Amount = 0
    fee: Amount = 0


class GrantRefund(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Promise money back. It moves later, by `RefundPayment` with an amount."""

    grant_id: Id
    lines: tuple[UnitsToRefund, ...] = ()
    shipping: Amount = 0
    amount: Amount = 0
    fee: Amount = 0
    reason: Text = ""


class RefundPayment(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Give money of one capture back.

    `amount` moves first what is owed back already (granted, or paid for units that were cancelled); what goes beyond
    that is granted by this. Units and shipping are always granted by this.
    """

    refund_id: Id
    capture_id: Id
    lines: tuple[UnitsToRefund, ...] = ()
    shipping: Amount = 0
    amount: Amount = 0
    reason: Text = ""


class RecordPaymentAuthorized(facts.Authorized, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    pass


class RecordPaymentDeclined(facts.Declined, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    pass


class RecordPaymentCaptured(facts.Captured, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    pass


class RecordCaptureFailed(facts.NotCaptured, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    pass


class RecordPaymentVoided(facts.Voided, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    pass


class RecordVoidFailed(facts.NotVoided, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    pass


class RecordRefundSucceeded(facts.Refunded, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    pass


class RecordRefundFailed(facts.NotRefunded, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    pass


class RecordRefundReversed(facts.Returned, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    pass


class RecordAuthorizationExpired(facts.Expired, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    pass


class RecordDisputeOpened(facts.Disputed, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    pass


class RecordChargebackReversed(facts.DisputeWon, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    pass


PaymentRequest = AuthorizePayment | CapturePayment | VoidPayment | GrantRefund | RefundPayment
ProviderFact = (
    RecordPaymentAuthorized
    | RecordPaymentDeclined
    | RecordPaymentCaptured
    | RecordCaptureFailed
    | RecordPaymentVoided
    | RecordVoidFailed
    | RecordRefundSucceeded
    | RecordRefundFailed
    | RecordRefundReversed
    | RecordAuthorizationExpired
    | RecordDisputeOpened
    | RecordChargebackReversed
)
PaymentCommand = PaymentRequest | ProviderFact
