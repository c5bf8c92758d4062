"""What can happen to an order's payments. Requests carry all that a provider must be told; facts are its words.

A request about a payment that came as a fact has an empty `provider` where nobody said who has the money: nobody can be
asked then, and it is seen as a dead letter of the effects agent and among the processes that are stuck.
"""

from msgspec import Struct

from app.domain.bounds import Amount, Currency, Exponent, Id, Moment, Quantity, Text
from app.domain.payment import facts
from app.domain.payment.commands import Asked


class PaymentAuthorizationRequested(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """`amount` shall be held by `provider`."""

    payment_id: Id
    amount: Amount
    currency: Currency
    exponent: Exponent = 2
    provider: Id
    method: Text = ""
    expires_at: Moment | None = None


class PaymentCaptureRequested(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """`amount` of what is held shall be taken. `reference`: the provider's own id of the payment."""

    payment_id: Id
    capture_id: Id
    amount: Amount
    currency: Currency
    exponent: Exponent = 2
    provider: Text = ""
    reference: Id | None = None


class PaymentVoidRequested(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What is held shall be let go. `attempt` counts from 1: a provider may refuse."""

    payment_id: Id
    attempt: Quantity = 1
    provider: Text = ""
    reference: Id | None = None
    reason: Text = ""


class Part(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What of a line is paid back: some units, or (`quantity` 0) a share of a free amount."""

    line_id: Id
    quantity: Amount = 0
    amount: Amount


class RefundGranted(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """`amount` = `lines` + `shipping` + `other` - `fee` was promised. `other` is neither goods nor shipping."""

    grant_id: Id
    asked: Asked
    lines: tuple[Part, ...] = ()
    shipping: Amount = 0
    other: Amount = 0
    fee: Amount = 0
    amount: Amount
    reason: Text = ""


class RefundRequested(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """`amount` of a capture shall go back: `owed` of it was owed already, the parts are granted by this.

    `of_grants` is what of `owed` was granted; the rest was paid for what is no longer part of the order.
    """

    payment_id: Id
    refund_id: Id
    capture_id: Id
    asked: Asked
    owed: Amount = 0
    of_grants: Amount = 0
    lines: tuple[Part, ...] = ()
    shipping: Amount = 0
    other: Amount = 0
    amount: Amount
    currency: Currency
    exponent: Exponent = 2
    provider: Text = ""
    reference: Id | None = None
    reason: Text = ""


class PaymentAuthorized(facts.Authorized, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    pass


class PaymentDeclined(facts.Declined, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    pass


class PaymentCaptured(facts.Captured, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    pass


class PaymentCaptureFailed(facts.NotCaptured, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    pass


class PaymentVoided(facts.Voided, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    pass


class PaymentVoidFailed(facts.NotVoided, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    pass


class RefundSucceeded(facts.Refunded, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    pass


class RefundFailed(facts.NotRefunded, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    pass


class RefundReversed(facts.Returned, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    pass


class AuthorizationExpired(facts.Expired, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    pass


class DisputeOpened(facts.Disputed, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    pass


class ChargebackReversed(facts.DisputeWon, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    pass


PaymentEvent = (
    PaymentAuthorizationRequested
    | PaymentCaptureRequested
    | PaymentVoidRequested
    | RefundGranted
    | RefundRequested
    | PaymentAuthorized
    | PaymentDeclined
    | PaymentCaptured
    | PaymentCaptureFailed
    | PaymentVoided
    | PaymentVoidFailed
    | RefundSucceeded
    | RefundFailed
    | RefundReversed
    | AuthorizationExpired
    | DisputeOpened
    | ChargebackReversed
)
