"""How a return changes by what happened to it. Never refuses: a fact is a fact."""

from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import replace

from app.domain.returns.events import (
    ReceiptInspected,
    ReturnApproved,
    ReturnClosed,
    ReturnEvent,
    ReturnReceived,
    ReturnRejected,
    ReturnRequested,
)
from app.domain.returns.state import Receipt, Return


def evolve(returned: Return | None, event: ReturnEvent, return_id: str) -> Return:
    """Return the return after `event`, one version later. `return_id`: the subject of the event's envelope."""
    return EVOLVE[type(event)](returned, event, return_id)


def fold(return_id: str, events: Iterable[ReturnEvent], returned: Return | None = None) -> Return | None:
    """Return the return after `events`, starting from `returned`."""
    for event in events:
        returned = evolve(returned, event, return_id)
    return returned


def _requested(_nothing: None, event: ReturnRequested, return_id: str) -> Return:
    return Return(return_id=return_id, version=1, facts=event)


def _approved(returned: Return, event: ReturnApproved, _return_id: str) -> Return:
    return replace(returned, version=returned.version + 1, approved=event)


def _rejected(returned: Return, _event: ReturnRejected, _return_id: str) -> Return:
    return replace(returned, version=returned.version + 1, rejected=True)


def _received(returned: Return, event: ReturnReceived, _return_id: str) -> Return:
    receipts = (*returned.receipts, Receipt(received=event))
    return replace(returned, version=returned.version + 1, receipts=receipts)


def _inspected(returned: Return, event: ReceiptInspected, _return_id: str) -> Return:
    receipts = tuple(
        [
            replace(receipt, placed=event.lines)
            if receipt.received.receipt_id == event.receipt_id
            else receipt
            for receipt in returned.receipts
        ]
    )
    return replace(returned, version=returned.version + 1, receipts=receipts)


def _closed(returned: Return, _event: ReturnClosed, _return_id: str) -> Return:
    return replace(returned, version=returned.version + 1, closed=True)


EVOLVE: dict[type, Callable[[Any, Any, str], Return]] = {
    ReturnRequested: _requested,
    ReturnApproved: _approved,
    ReturnRejected: _rejected,
    ReturnReceived: _received,
    ReceiptInspected: _inspected,
    ReturnClosed: _closed,
}
