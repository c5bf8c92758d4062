"""A definite no, and every code that a caller may tell apart. Codes are stable, details are for people."""

from enum import StrEnum
from typing import Protocol


class Code(StrEnum):
    """Why a command was refused. The table in docs/domain.md says what its sender can do about each."""

    ORDER_EXISTS = "order-exists"
    ORDER_UNKNOWN = "order-unknown"
    ORDER_ALREADY_CANCELLED = "order-already-cancelled"
    ORDER_TOO_LARGE = "order-too-large"
    ITEM_ID_TOO_LONG = "item-id-too-long"
    DUPLICATE_LINE = "duplicate-line"
    DISCOUNT_EXCEEDS_LINE = "discount-exceeds-line"
    TOTALS_DIFFER = "totals-differ"
    LINE_UNKNOWN = "line-unknown"
    QUANTITY_EXCEEDS_ORDERED = "quantity-exceeds-ordered"
    VERSION_CONFLICT = "version-conflict"
    ORDER_EXPIRED = "order-expired"
    ORDER_CLOSED = "order-closed"
    ORDER_CONFIRMED = "order-confirmed"
    ORDER_NOT_CONFIRMED = "order-not-confirmed"
    ORDER_HELD = "order-held"
    ORDER_PAID = "order-paid"
    ORDER_SHIPPED = "order-shipped"
    ORDER_OPEN = "order-open"
    NOTE_ID_REUSED = "note-id-reused"
    SHIPMENT_UNKNOWN = "shipment-unknown"
    QUANTITY_EXCEEDS_SHIPPED = "quantity-exceeds-shipped"
    AMENDMENT_UNKNOWN = "amendment-unknown"
    AMENDMENT_ID_REUSED = "amendment-id-reused"
    AMENDMENT_EMPTY = "amendment-empty"
    AMENDMENT_OPEN = "amendment-open"
    AMENDMENT_OUTDATED = "amendment-outdated"
    AMENDMENT_NOT_COVERED = "amendment-not-covered"
    AMENDMENT_CONFIRMED = "amendment-confirmed"
    AMENDMENT_REJECTED = "amendment-rejected"

    # Of payments; their table is in docs/domain-payment.md.
    ORDER_ENDED = "order-ended"
    PAYMENT_UNKNOWN = "payment-unknown"
    PAYMENT_ID_REUSED = "payment-id-reused"
    PAYMENT_EXCEEDS_ORDER = "payment-exceeds-order"
    PAYMENT_NOT_AUTHORIZED = "payment-not-authorized"
    AUTHORIZATION_EXPIRED = "authorization-expired"
    PAYMENT_VOIDED = "payment-voided"
    PAYMENT_CAPTURED = "payment-captured"
    CAPTURE_UNKNOWN = "capture-unknown"
    CAPTURE_PENDING = "capture-pending"
    CAPTURE_ID_REUSED = "capture-id-reused"
    CAPTURE_EXCEEDS_AUTHORIZED = "capture-exceeds-authorized"
    GRANT_ID_REUSED = "grant-id-reused"
    REFUND_ID_REUSED = "refund-id-reused"
    REFUND_EMPTY = "refund-empty"
    REFUND_EXCEEDS_CAPTURED = "refund-exceeds-captured"
    REFUND_EXCEEDS_LINE = "refund-exceeds-line"
    REFUND_EXCEEDS_SHIPPING = "refund-exceeds-shipping"

    # Of stock; their table is in docs/domain-stock.md.
    OUT_OF_STOCK = "out-of-stock"
    RESERVATION_UNKNOWN = "reservation-unknown"
    RESERVATION_RELEASED = "reservation-released"
    RESERVATION_ID_REUSED = "reservation-id-reused"
    QUANTITY_EXCEEDS_RESERVED = "quantity-exceeds-reserved"
    STOCK_IS_RESERVED = "stock-is-reserved"
    STOCK_TOO_LARGE = "stock-too-large"
    MOVEMENT_ID_REUSED = "movement-id-reused"
    SHIPMENT_ID_REUSED = "shipment-id-reused"
    SHIPMENTS_TOO_MANY = "shipments-too-many"

    # Of returns and carts; their table is in docs/domain-returns.md.
    RETURN_UNKNOWN = "return-unknown"
    RETURN_ID_REUSED = "return-id-reused"
    RETURN_EMPTY = "return-empty"
    RETURN_EXCEEDS_LINE = "return-exceeds-line"
    RETURN_NOT_APPROVED = "return-not-approved"
    RETURN_ALREADY_APPROVED = "return-already-approved"
    RETURN_REJECTED = "return-rejected"
    RETURN_CLOSED = "return-closed"
    RETURN_UNINSPECTED = "return-uninspected"
    QUANTITY_EXCEEDS_RETURNED = "quantity-exceeds-returned"
    RECEIPT_UNKNOWN = "receipt-unknown"
    RECEIPT_ID_REUSED = "receipt-id-reused"
    RECEIPTS_TOO_MANY = "receipts-too-many"
    RECEIPT_ALREADY_INSPECTED = "receipt-already-inspected"
    INSPECTION_DIFFERS = "inspection-differs"
    CART_ALREADY_ORDERED = "cart-already-ordered"
    CART_GIVEN_UP = "cart-given-up"


class Refused(Exception):  # noqa: N818 - an outcome of the business, not an error
    """A command that will never have an effect as it stands."""

    def __init__(self, code: Code, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code: str = code.value
        self.detail = detail


class Versioned(Protocol):
    """The state of an aggregate: its version counts its events."""

    @property
    def version(self) -> int:
        """Dense from 1."""


def require_version(state: Versioned | None, expected: int, what: str) -> None:
    """Refuse a command whose sender saw another version of `what` it is for. What does not exist has version 0."""
    version = 0 if state is None else state.version
    if version != expected:
        raise Refused(Code.VERSION_CONFLICT, f"expected version {expected}, the {what} has version {version}")
