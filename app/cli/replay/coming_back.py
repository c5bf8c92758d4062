"""Goods of Online Retail that come back: asked for, allowed, received as new, inspected, closed, all at once.

The units are worth f(n) - f(k) of their line, counted over all that was cancelled or returned of it before. The
processes of the order tell it of the return, grant what it is worth, and have it paid back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from app.cli.replay.source import Draft
from app.domain.returns.commands import (
    ApproveReturn,
    CloseReturn,
    InspectReceipt,
    LineToReturn,
    ReceiveReturn,
    RequestReturn,
    UnitsToPlace,
    UnitsToReceive,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from app.cli.replay.purchases import Purchase

PARCEL = "parcel"


class Back(NamedTuple):
    """Units of a purchase that one line of a C-invoice takes back; `before` are those taken back earlier."""

    purchase: Purchase
    before: int
    quantity: int
    amount: int


def returned(
    order_id: str, invoice: str, at: datetime, parts: list[Back], *, is_all: bool
) -> Iterator[Draft]:
    """Yield the return. It waits for the order to have left."""
    return_id = f"{order_id}-return-{invoice}"
    lines: dict[str, LineToReturn] = {}
    for purchase, before, quantity, _ in parts:
        line_id, known = purchase.line_id, lines.get(purchase.line_id)
        lines[line_id] = LineToReturn(
            line_id=line_id,
            sku=purchase.sku,
            quantity=quantity + (known.quantity if known else 0),
            ordered=purchase.quantity,
            line_total=purchase.total,
            before=known.before if known else before,
        )
    units = [(line.line_id, line.quantity) for line in lines.values()]
    amount = sum(part.amount for part in parts)
    request = RequestReturn(
        order_id=order_id, requested_at=at, currency="GBP", lines=tuple(lines.values()), reason=invoice
    )
    receive = ReceiveReturn(
        receipt_id=PARCEL,
        lines=tuple([UnitsToReceive(line_id=line_id, sellable=quantity) for line_id, quantity in units]),
        at=at,
    )
    inspect = InspectReceipt(
        receipt_id=PARCEL,
        lines=tuple([UnitsToPlace(line_id=line_id, restocked=quantity) for line_id, quantity in units]),
        at=at,
    )
    yield Draft(
        f"{return_id}-request", return_id, at, request, order_id,
        lines=len(parts), units=sum(part.quantity for part in parts), amount=amount, back=amount,
        leaves="returned" if is_all else "partially-returned", after=(order_id,),
    )  # fmt: skip
    yield Draft(f"{return_id}-approve", return_id, at, ApproveReturn(at=at), order_id)
    yield Draft(f"{return_id}-receive", return_id, at, receive, order_id)
    yield Draft(f"{return_id}-inspect", return_id, at, inspect, order_id)
    yield Draft(f"{return_id}-close", return_id, at, CloseReturn(at=at), order_id)
