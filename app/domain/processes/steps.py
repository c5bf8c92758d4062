"""The steps of the processes: what each command of theirs is for, and how long an answer may take."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

MINUTE: Final = timedelta(minutes=1)
RETRY_AFTER: Final = timedelta(seconds=30)  # doubled by each attempt
RETRY_AT_MOST: Final = timedelta(hours=6)
_DOUBLINGS: Final = 10  # 30 s x 2^10 is more than RETRY_AT_MOST


class Step(StrEnum):
    """A step and its command have one name."""

    CLAIM_CART = "claim-cart"
    RESERVE_STOCK = "reserve-stock"
    AUTHORIZE_PAYMENT = "authorize-payment"
    CONFIRM_ORDER = "confirm-order"
    CAPTURE_PAYMENT = "capture-payment"
    VOID_PAYMENT = "void-payment"
    REFUND_PAYMENT = "refund-payment"
    RELEASE_STOCK = "release-stock"
    RELEASE_CART = "release-cart"
    CANCEL_ORDER = "cancel-order"
    EXPIRE_ORDER = "expire-order"
    RECORD_AUTHORIZATION_EXPIRED = "record-authorization-expired"
    RECORD_RESERVATION = "record-reservation"
    RELEASE_RESERVATION = "release-reservation"
    COMMIT_STOCK = "commit-stock"
    ADVISE_RETURN = "advise-return"
    WITHDRAW_RETURN = "withdraw-return"
    RECORD_RETURN_RECEIPT = "record-return-receipt"
    RESTOCK_STOCK = "restock-stock"
    GRANT_REFUND = "grant-refund"


# A task that waits longer is stuck. Inside the system an answer takes milliseconds, at a provider it can take days.
BOUND: Final = 5 * MINUTE
PROVIDER_BOUND: Final = 15 * MINUTE


def backoff(attempt: int) -> timedelta:
    """Return how long after this attempt (from 1) the next one is made."""
    return min(RETRY_AT_MOST, RETRY_AFTER * (1 << min(attempt - 1, _DOUBLINGS)))
