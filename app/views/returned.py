"""What a reader gets of one return: what was asked for, on which terms, what came and what is paid back for it."""

from datetime import datetime

import msgspec
from msgspec import Struct

from app.domain.returns.events import UnitsPlaced, UnitsReceived
from app.domain.returns.state import Receipt, Return
from app.domain.returns.statuses import ReturnStatus, return_status, to_inspect


class LineAnswer(Struct, frozen=True, kw_only=True, gc=False):
    """Units of one line that come back. `received` so far, by their looks or not."""

    line_id: str
    sku: str
    quantity: int
    received: int
    ordered: int
    line_total: int
    before: int
    reason: str


class TermsAnswer(Struct, frozen=True, kw_only=True, gc=False):
    """On which terms units may come."""

    fee: int
    shipping: int
    at: datetime


class WholeReceived(UnitsReceived, frozen=True, kw_only=True, gc=False, omit_defaults=False):
    pass


class WholePlaced(UnitsPlaced, frozen=True, kw_only=True, gc=False, omit_defaults=False):
    pass


class ReceiptAnswer(Struct, frozen=True, kw_only=True, gc=False):
    """A parcel: `refund` = the lines' amounts + `shipping` - `fee`. `placed` is empty until it was inspected."""

    receipt_id: str
    at: datetime
    warehouse: str | None
    lines: tuple[WholeReceived, ...]
    shipping: int
    fee: int
    refund: int
    placed: tuple[WholePlaced, ...]


class WholeReturn(Struct, frozen=True, kw_only=True, gc=False):
    """A return. `refund` is what all its receipts are worth; the order's ledger says what was paid back."""

    return_id: str
    version: int
    status: ReturnStatus
    order_id: str
    requested_at: datetime
    reason: str
    currency: str
    exponent: int
    lines: tuple[LineAnswer, ...]
    approved: TermsAnswer | None
    receipts: tuple[ReceiptAnswer, ...]
    refund: int
    to_inspect: tuple[str, ...]


def return_answer(returned: Return) -> WholeReturn:
    """Return the answer; `version` is its strong ETag."""
    facts, came = returned.facts, returned.received()
    return WholeReturn(
        return_id=returned.return_id,
        version=returned.version,
        status=return_status(returned),
        order_id=facts.order_id,
        requested_at=facts.requested_at,
        reason=facts.reason,
        currency=facts.currency,
        exponent=facts.exponent,
        lines=tuple(
            [
                msgspec.convert(msgspec.structs.asdict(line) | {"received": came[line.line_id]}, LineAnswer)
                for line in facts.lines
            ]
        ),
        approved=msgspec.convert(returned.approved, TermsAnswer | None, from_attributes=True),
        receipts=tuple([_receipt(each) for each in returned.receipts]),
        refund=sum([each.received.refund for each in returned.receipts]),
        to_inspect=to_inspect(returned),
    )


def _receipt(receipt: Receipt) -> ReceiptAnswer:
    return msgspec.convert(
        msgspec.structs.asdict(receipt.received) | {"placed": receipt.placed},
        ReceiptAnswer,
        from_attributes=True,
    )
