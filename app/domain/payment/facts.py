"""What a provider can say about money. The command that brings a fact and the event that keeps it share it.

`payment_id`, `capture_id` and `refund_id` are ours where the provider tells them back; about a movement that we did
not ask for they are the provider's own. `reference` is always the provider's own id.
"""

from msgspec import Struct

from app.domain.bounds import Amount, Id, Moment, Quantity, Text


class Authorized(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """`amount` is held for us, until `expires_at` where the provider says so."""

    payment_id: Id
    amount: Amount
    provider: Id | None = None
    method: Text = ""
    reference: Id | None = None
    expires_at: Moment | None = None


class Declined(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Nothing is held, and nothing will be. `code` is the provider's."""

    payment_id: Id
    code: Text = ""
    detail: Text = ""


class Captured(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """`amount` is ours."""

    payment_id: Id
    capture_id: Id
    amount: Amount
    provider: Id | None = None
    reference: Id | None = None


class NotCaptured(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """This capture took nothing. "Already captured" is not such a failure: it is `Captured`."""

    payment_id: Id
    capture_id: Id
    code: Text = ""
    detail: Text = ""


class Voided(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What was held and not captured is free again."""

    payment_id: Id
    provider: Id | None = None


class NotVoided(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The provider refused this attempt to void, mostly because the money was captured."""

    payment_id: Id
    attempt: Quantity = 1
    code: Text = ""
    detail: Text = ""


class Refunded(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """`amount` went back. A refund that we did not ask for may not say of which capture."""

    payment_id: Id
    refund_id: Id
    amount: Amount
    capture_id: Id | None = None
    provider: Id | None = None
    reference: Id | None = None


class NotRefunded(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """This refund gave nothing back, and never will."""

    payment_id: Id
    refund_id: Id
    code: Text = ""
    detail: Text = ""


class Returned(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A refund that had succeeded came back to us: the customer's bank did not take it."""

    payment_id: Id
    refund_id: Id
    code: Text = ""
    detail: Text = ""


class Expired(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What was held and not captured is held no longer."""

    payment_id: Id


class Disputed(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The customer's bank took `amount` back. Exchange rates can make it more than was paid."""

    payment_id: Id
    dispute_id: Id
    amount: Amount
    reason: Text = ""
    provider: Id | None = None


class DisputeWon(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What a dispute had taken is ours again."""

    payment_id: Id
    dispute_id: Id
