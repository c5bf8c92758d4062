"""Orders by status, and the work lists of a shop: whose turn it is, the longest waiting first.

A row lies on the partition of its order (key: list, NUL, time of placement, order); a reader takes a page of each
partition and merges them by key, and the last key is its cursor. The time does not change, so that an order keeps its
place in a list, whatever happens to it.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

from app.domain.payment.balance import Balance
from app.views.moments import sortable

AWAITING_STOCK: Final = "awaiting-stock"
AWAITING_PAYMENT: Final = "awaiting-payment"
TO_SHIP: Final = "to-ship"
REFUNDS_TO_MOVE: Final = "refunds-to-move"
WORK_LISTS: Final = (AWAITING_STOCK, AWAITING_PAYMENT, TO_SHIP, REFUNDS_TO_MOVE)


class OrderWork(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What the lists must know of an order.

    `reserved` and `backordered`: units that are held, and waited for, and did not leave. `uncovered`: what is
    neither captured nor authorised of what it costs. `to_refund`: what is owed back and did not arrive yet.
    `stands`: it was not cancelled, has not expired, is not closed. `ready`: it is confirmed, and nothing holds it up.
    """

    order_id: str
    placed_at: datetime
    status: str
    currency: str
    exponent: int = 2
    total: int
    stands: bool = True
    ready: bool = False
    reserved: int = 0
    backordered: int = 0
    uncovered: int = 0
    to_refund: int = 0


class WorkRow(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """An order in a list. `amount` is what the list is about: missing, owed back, or the order's total."""

    list: str
    order_id: str
    placed_at: datetime
    currency: str
    exponent: int = 2
    amount: int
    units: int = 0


encode_row: Final = msgspec.json.Encoder().encode
decode_row: Final = msgspec.json.Decoder(WorkRow).decode


def money(now: Balance) -> tuple[int, int]:
    """Return `uncovered` and `to_refund` of an order. A refund that a provider still has is to move, too.

    What was promised back covers nothing, though it is still here.
    """
    return max(0, now.need - (now.kept - now.unmoved) - now.open - now.capturing), now.due + now.refunding


def rows(work: OrderWork) -> Iterator[WorkRow]:
    """Return the rows of an order: one for its status, and one for each list that it is in."""
    yield _row(work, work.status, work.total)
    if work.stands and work.backordered:
        yield _row(work, AWAITING_STOCK, work.total, work.backordered)
    if work.stands and work.uncovered:
        yield _row(work, AWAITING_PAYMENT, work.uncovered)
    if work.stands and work.ready and work.reserved and not work.uncovered:
        yield _row(work, TO_SHIP, work.total, work.reserved)
    if work.to_refund:
        yield _row(work, REFUNDS_TO_MOVE, work.to_refund)


def changes(before: OrderWork | None, after: OrderWork) -> list[tuple[bytes, WorkRow | None]]:
    """Return the rows that change, by key; None: the row goes."""
    if before is None:
        return [(key(row), row) for row in rows(after)]
    if before == after:
        return []
    were = {key(row): row for row in rows(before)}
    now = {key(row): row for row in rows(after)}
    gone: list[tuple[bytes, WorkRow | None]] = [(each, None) for each in were if each not in now]
    return gone + [(each, row) for each, row in now.items() if were.get(each) != row]


def key(row: WorkRow) -> bytes:
    """Return list, time and order: a scan of a list begins with the order that was placed first."""
    return prefix(row.list) + sortable(row.placed_at) + row.order_id.encode()


def prefix(of: str) -> bytes:
    """Return what the keys of a list begin with."""
    return of.encode() + b"\0"


def list_of(key: bytes) -> bytes:
    """Return what the keys of the list begin with in which a row has this key."""
    return key[: key.index(b"\0") + 1]


def _row(work: OrderWork, of: str, amount: int, units: int = 0) -> WorkRow:
    return WorkRow(
        list=of,
        order_id=work.order_id,
        placed_at=work.placed_at,
        currency=work.currency,
        exponent=work.exponent,
        amount=amount,
        units=units,
    )
