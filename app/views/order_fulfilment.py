"""What a reader gets of an order's shipments, returns, amendments, reasons to hold it, and notes."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from app.domain.order.commands import Units
from app.domain.order.state import Amendment, Order
from app.domain.order.units import told


class Hold(Struct, frozen=True, kw_only=True, gc=False):
    """A reason to let nothing leave."""

    code: str
    reason: str
    at: datetime


class ShipmentAnswer(Struct, frozen=True, kw_only=True, gc=False):
    """Units that left together, and those of them that arrived."""

    shipment_id: str
    at: datetime
    carrier: str
    tracking: str
    reason: str
    lines: tuple[Units, ...]
    delivered: tuple[Units, ...]


class UnitsThatCame(Struct, frozen=True, kw_only=True, gc=False):
    """Units of a line that came back."""

    line_id: str
    sellable: int
    damaged: int


class Receipt(Struct, frozen=True, kw_only=True, gc=False):
    """A parcel of a return."""

    receipt_id: str
    at: datetime
    lines: tuple[UnitsThatCame, ...]


class ReturnAnswer(Struct, frozen=True, kw_only=True, gc=False):
    """Units that come back together. The return itself says more."""

    return_id: str
    reason: str
    withdrawn: bool
    lines: tuple[Units, ...]
    receipts: tuple[Receipt, ...]


class AmendmentAnswer(Struct, frozen=True, kw_only=True, gc=False):
    """A change that was proposed, in short."""

    amendment_id: str
    status: Literal["open", "confirmed", "rejected"]
    difference: int
    reason: str


class Note(Struct, frozen=True, kw_only=True, gc=False):
    """Something that was written down."""

    note_id: str
    text: str
    author: str


def holds(order: Order) -> tuple[Hold, ...]:
    return tuple([Hold(code=each.code, reason=each.reason, at=each.at) for each in order.holds])


def shipments(order: Order) -> tuple[ShipmentAnswer, ...]:
    """Return them in the order in which they left."""
    return tuple(
        [
            ShipmentAnswer(
                shipment_id=each.facts.shipment_id,
                at=each.facts.at,
                carrier=each.carrier,
                tracking=each.tracking,
                reason=each.facts.reason,
                lines=told(order, [(part.place, part.quantity) for part in each.sent]),
                delivered=told(order, [(part.place, part.delivered) for part in each.sent]),
            )
            for each in order.shipments
        ]
    )


def returns(order: Order) -> tuple[ReturnAnswer, ...]:
    """Return them in the order in which they were advised."""
    return tuple(
        [
            ReturnAnswer(
                return_id=each.facts.return_id,
                reason=each.facts.reason,
                withdrawn=each.withdrawn,
                lines=told(order, [(part.place, part.quantity) for part in each.expected]),
                receipts=tuple(
                    [
                        Receipt(
                            receipt_id=receipt.facts.receipt_id,
                            at=receipt.facts.at,
                            lines=tuple(
                                [
                                    UnitsThatCame(
                                        line_id=order.facts.lines[part.place].line_id,
                                        sellable=part.sellable,
                                        damaged=part.damaged,
                                    )
                                    for part in receipt.came
                                ]
                            ),
                        )
                        for receipt in each.receipts
                    ]
                ),
            )
            for each in order.returns
        ]
    )


def amendments(order: Order) -> tuple[AmendmentAnswer, ...]:
    return tuple(
        [
            AmendmentAnswer(
                amendment_id=each.facts.amendment_id,
                status=_answer(each),
                difference=each.facts.difference,
                reason=each.facts.reason,
            )
            for each in order.amendments
        ]
    )


def notes(order: Order) -> tuple[Note, ...]:
    return tuple([Note(note_id=each.note_id, text=each.text, author=each.author) for each in order.notes])


def _answer(amendment: Amendment) -> Literal["open", "confirmed", "rejected"]:
    if amendment.open:
        return "open"
    return "confirmed" if amendment.confirmed else "rejected"
