"""The data of payment commands and events as the published contract states it: strict pydantic models.

They say the same as the Structs of `app.domain.payment`: a test feeds both the same documents and compares.
"""

from typing import Annotated, Final

from pydantic import Field

from app.domain.bounds import AMOUNT_LIMIT
from app.domain.payment import commands, events
from app.wire.models import Amount, Currency, Id, Model, Moment, Quantity, Text

Money = Annotated[int, Field(ge=1, lt=AMOUNT_LIMIT)]
Exponent = Annotated[int, Field(ge=0, le=4)]


class AuthorizePayment(Model):
    """Have an amount held by a provider."""

    payment_id: Id
    amount: Money
    """Minor units of the order's currency, as all amounts here."""
    provider: Id = "house"
    method: Text = ""
    """The provider's word for the customer's means to pay."""
    expires_at: Moment | None = None


class CapturePayment(Model):
    """Take an amount of what is held."""

    capture_id: Id
    payment_id: Id
    amount: Money
    at: Moment
    """When this is asked: an authorisation expires."""


class VoidPayment(Model):
    """Let go what is held and not captured."""

    payment_id: Id
    reason: Text = ""


class UnitsToRefund(Model):
    """How many units of a line to pay back."""

    line_id: Id
    quantity: Quantity


Units = Annotated[list[UnitsToRefund], Field(default_factory=list)]


class Asked(Model):
    """What to pay back: units of lines, shipping, a free amount; less a fee, never below nothing."""

    lines: Units
    shipping: Amount = 0
    amount: Amount = 0
    fee: Amount = 0


class GrantRefund(Model):
    """Promise money back: as what is asked, under an id."""

    grant_id: Id
    lines: Units
    shipping: Amount = 0
    amount: Amount = 0
    fee: Amount = 0
    reason: Text = ""


class RefundPayment(Model):
    """Give money of one capture back. An amount moves first what is owed back already."""

    refund_id: Id
    capture_id: Id
    lines: Units
    shipping: Amount = 0
    amount: Amount = 0
    reason: Text = ""


class Authorized(Model):
    """An amount is held for us."""

    payment_id: Id
    amount: Amount
    provider: Id | None = None
    method: Text = ""
    reference: Id | None = None
    """The provider's own id."""
    expires_at: Moment | None = None


class Declined(Model):
    """Nothing is held."""

    payment_id: Id
    code: Text = ""
    """The provider's."""
    detail: Text = ""


class Captured(Model):
    """An amount is ours. "Already captured" is this, too."""

    payment_id: Id
    capture_id: Id
    amount: Amount
    provider: Id | None = None
    reference: Id | None = None
    """The provider's own id."""


class NotCaptured(Model):
    """A capture took nothing."""

    payment_id: Id
    capture_id: Id
    code: Text = ""
    detail: Text = ""


class Voided(Model):
    """What was held and not captured is free again."""

    payment_id: Id
    provider: Id | None = None


class NotVoided(Model):
    """An attempt to void was refused."""

    payment_id: Id
    attempt: Quantity = 1
    code: Text = ""
    detail: Text = ""


class Refunded(Model):
    """An amount went back."""

    payment_id: Id
    refund_id: Id
    amount: Amount
    capture_id: Id | None = None
    provider: Id | None = None
    reference: Id | None = None
    """The provider's own id."""


class NotRefunded(Model):
    """A refund gave nothing back, and never will."""

    payment_id: Id
    refund_id: Id
    code: Text = ""
    detail: Text = ""


class Returned(Model):
    """A refund that had succeeded came back to us."""

    payment_id: Id
    refund_id: Id
    code: Text = ""
    detail: Text = ""


class Expired(Model):
    """What was held and not captured is held no longer."""

    payment_id: Id


class Disputed(Model):
    """The customer's bank took an amount back. It can be more than was paid."""

    payment_id: Id
    dispute_id: Id
    amount: Amount
    reason: Text = ""
    provider: Id | None = None


class DisputeWon(Model):
    """What a dispute had taken is ours again."""

    payment_id: Id
    dispute_id: Id


class AuthorizationRequested(Model):
    """An amount shall be held by a provider."""

    payment_id: Id
    amount: Amount
    currency: Currency
    exponent: Exponent = 2
    provider: Id
    method: Text = ""
    expires_at: Moment | None = None


class CaptureRequested(Model):
    """An amount of what is held shall be taken."""

    payment_id: Id
    capture_id: Id
    amount: Amount
    currency: Currency
    exponent: Exponent = 2
    provider: Text = ""
    """Empty: nobody said who has the money."""
    reference: Id | None = None


class VoidRequested(Model):
    """What is held shall be let go."""

    payment_id: Id
    attempt: Quantity = 1
    """A provider may refuse; a further attempt has the next number."""
    provider: Text = ""
    """Empty: nobody said who has the money."""
    reference: Id | None = None
    reason: Text = ""


class Part(Model):
    """What of a line is paid back."""

    line_id: Id
    quantity: Amount = 0
    """Units; 0 for a share of a free amount."""
    amount: Amount


Parts = Annotated[list[Part], Field(default_factory=list)]


class RefundGranted(Model):
    """`amount` = `lines` + `shipping` + `other` - `fee` was promised."""

    grant_id: Id
    asked: Asked
    lines: Parts
    shipping: Amount = 0
    other: Amount = 0
    """Neither goods nor shipping."""
    fee: Amount = 0
    amount: Amount
    reason: Text = ""


class RefundRequested(Model):
    """`amount` = `owed` + `lines` + `shipping` + `other` of a capture shall go back."""

    payment_id: Id
    refund_id: Id
    capture_id: Id
    asked: Asked
    owed: Amount = 0
    """What of it was owed back already."""
    of_grants: Amount = 0
    """What of `owed` was granted."""
    lines: Parts
    shipping: Amount = 0
    other: Amount = 0
    """Neither goods nor shipping."""
    amount: Amount
    currency: Currency
    exponent: Exponent = 2
    provider: Text = ""
    """Empty: nobody said who has the money."""
    reference: Id | None = None
    reason: Text = ""


COMMAND_MODELS: Final[dict[type, type[Model]]] = {
    commands.AuthorizePayment: AuthorizePayment,
    commands.CapturePayment: CapturePayment,
    commands.VoidPayment: VoidPayment,
    commands.GrantRefund: GrantRefund,
    commands.RefundPayment: RefundPayment,
    commands.RecordPaymentAuthorized: Authorized,
    commands.RecordPaymentDeclined: Declined,
    commands.RecordPaymentCaptured: Captured,
    commands.RecordCaptureFailed: NotCaptured,
    commands.RecordPaymentVoided: Voided,
    commands.RecordVoidFailed: NotVoided,
    commands.RecordRefundSucceeded: Refunded,
    commands.RecordRefundFailed: NotRefunded,
    commands.RecordRefundReversed: Returned,
    commands.RecordAuthorizationExpired: Expired,
    commands.RecordDisputeOpened: Disputed,
    commands.RecordChargebackReversed: DisputeWon,
}
EVENT_MODELS: Final[dict[type, type[Model]]] = {
    events.PaymentAuthorizationRequested: AuthorizationRequested,
    events.PaymentCaptureRequested: CaptureRequested,
    events.PaymentVoidRequested: VoidRequested,
    events.RefundGranted: RefundGranted,
    events.RefundRequested: RefundRequested,
    events.PaymentAuthorized: Authorized,
    events.PaymentDeclined: Declined,
    events.PaymentCaptured: Captured,
    events.PaymentCaptureFailed: NotCaptured,
    events.PaymentVoided: Voided,
    events.PaymentVoidFailed: NotVoided,
    events.RefundSucceeded: Refunded,
    events.RefundFailed: NotRefunded,
    events.RefundReversed: Returned,
    events.AuthorizationExpired: Expired,
    events.DisputeOpened: Disputed,
    events.ChargebackReversed: DisputeWon,
}
