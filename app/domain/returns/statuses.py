"""The status of a return, derived: no writer can let it disagree with the facts."""

from enum import StrEnum

from app.domain.returns.state import Return


class ReturnStatus(StrEnum):
    """How far a return has got."""

    REQUESTED = "requested"
    REJECTED = "rejected"
    APPROVED = "approved"
    PARTIALLY_RECEIVED = "partially-received"
    RECEIVED = "received"
    CLOSED = "closed"


def return_status(returned: Return) -> ReturnStatus:
    """`received` when every unit came; whether they were inspected is another question."""
    if returned.closed:
        return ReturnStatus.CLOSED
    if returned.rejected:
        return ReturnStatus.REJECTED
    if returned.approved is None:
        return ReturnStatus.REQUESTED
    if not returned.receipts:
        return ReturnStatus.APPROVED
    came = returned.received()
    if any(came[line.line_id] < line.quantity for line in returned.facts.lines):
        return ReturnStatus.PARTIALLY_RECEIVED
    return ReturnStatus.RECEIVED


def to_inspect(returned: Return) -> tuple[str, ...]:
    """Return the ids of the receipts whose units nobody has placed yet."""
    return tuple([each.received.receipt_id for each in returned.receipts if not each.placed])
