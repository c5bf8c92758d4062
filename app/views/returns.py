"""Work lists of returns: who waits for an answer, and which receipts wait for inspection. The oldest come first.

A row lies on the partition of its return (key: list, NUL, time, return, NUL, receipt); a reader takes a page of each
partition and merges them by key.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec
from msgspec import Struct

from app.domain.returns.state import Return
from app.domain.returns.statuses import ReturnStatus, return_status
from app.views.moments import sortable


class ReturnList(StrEnum):
    """What is to be done."""

    TO_APPROVE = "to-approve"
    TO_INSPECT = "to-inspect"


class ReturnWork(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Something to be done about a return, since when. `units` came with the receipt, or are announced."""

    list: ReturnList
    since: datetime
    return_id: str
    order_id: str
    receipt_id: str = ""
    warehouse: str = ""
    units: int
    damaged: int = 0


encode_row: Final = msgspec.json.Encoder().encode
decode_row: Final = msgspec.json.Decoder(ReturnWork).decode


def work(returned: Return) -> Iterator[ReturnWork]:
    """Return all that is to be done about a return."""
    facts = returned.facts
    if return_status(returned) is ReturnStatus.REQUESTED:
        yield ReturnWork(
            list=ReturnList.TO_APPROVE,
            since=facts.requested_at,
            return_id=returned.return_id,
            order_id=facts.order_id,
            units=sum([line.quantity for line in facts.lines]),
        )
    for receipt in returned.receipts:
        if not receipt.placed:
            came = receipt.received
            yield ReturnWork(
                list=ReturnList.TO_INSPECT,
                since=came.at,
                return_id=returned.return_id,
                order_id=facts.order_id,
                receipt_id=came.receipt_id,
                warehouse=came.warehouse or "",
                units=sum([line.sellable + line.damaged for line in came.lines]),
                damaged=sum([line.damaged for line in came.lines]),
            )


def changes(before: Return | None, after: Return) -> list[tuple[bytes, ReturnWork | None]]:
    """Return the rows that change, by key; None: the row goes."""
    were = {} if before is None else {key(row): row for row in work(before)}
    now = {key(row): row for row in work(after)}
    gone: list[tuple[bytes, ReturnWork | None]] = [(each, None) for each in were if each not in now]
    return gone + [(each, row) for each, row in now.items() if were.get(each) != row]


def key(row: ReturnWork) -> bytes:
    """Return list, time, return and receipt: a scan of a list is oldest first."""
    return b"%b%b%b\0%b" % (
        prefix(row.list),
        sortable(row.since),
        row.return_id.encode(),
        row.receipt_id.encode(),
    )


def prefix(of: ReturnList) -> bytes:
    """Return what the keys of a list begin with."""
    return of.encode() + b"\0"
