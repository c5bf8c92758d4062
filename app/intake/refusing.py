"""Why a shop's document becomes no command. Codes are stable; docs/intake.md says what to do about each."""

from enum import StrEnum


class Reason(StrEnum):
    """The codes. `where` of `Unfit` names the field, as a JSON pointer into the order of the shop."""

    UNREADABLE = "unreadable"
    WEBHOOK_PING = "webhook-ping"
    NOT_AN_ORDER = "not-an-order"
    NOT_ONE_ORDER = "not-one-order"
    ORDER_NOT_PLACED = "order-not-placed"
    TEST_ORDER = "test-order"
    ORDER_CANCELLED = "order-cancelled"
    ORDER_REFUNDED = "order-refunded"
    ORDER_FULFILLED = "order-fulfilled"
    ORDER_EDITED = "order-edited"
    STATUS_UNKNOWN = "status-unknown"
    ORDER_EMPTY = "order-empty"
    ORDER_TOO_LARGE = "order-too-large"
    CURRENCY_UNKNOWN = "currency-unknown"
    AMOUNT_TOO_FINE = "amount-too-fine"
    AMOUNT_OUT_OF_RANGE = "amount-out-of-range"
    TAX_NOT_EXPRESSIBLE = "tax-not-expressible"
    TOTALS_DIFFER = "totals-differ"


class Unfit(Exception):  # noqa: N818 - an answer to the shop, not an error
    """A document that no command follows from."""

    def __init__(self, reason: Reason, detail: str, where: str = "") -> None:
        super().__init__(f"{reason}: {where or '/'}: {detail}")
        self.code: str = reason.value
        self.detail = detail
        self.where = where


def same(where: str, stated: int, sum_of_parts: int) -> None:
    """Raise `Unfit` when an amount that the shop states is not what its parts add up to."""
    if stated != sum_of_parts:
        raise Unfit(Reason.TOTALS_DIFFER, f"is {stated}, but its parts add up to {sum_of_parts}", where)
