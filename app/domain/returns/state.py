"""What is remembered of a return. Its status is not here: it follows from this (statuses.py)."""

from typing import Final

from msgspec import Struct

from app.domain.returns.events import ReturnApproved, ReturnReceived, ReturnRequested, UnitsPlaced

RECEIPTS_LIMIT: Final = 100  # of one return: its row must stay small


class Receipt(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A parcel that came; `placed` says what became of its units, once it was inspected."""

    received: ReturnReceived
    placed: tuple[UnitsPlaced, ...] = ()


class Return(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A return that was asked for. `version` counts its events."""

    return_id: str
    version: int
    facts: ReturnRequested
    approved: ReturnApproved | None = None
    rejected: bool = False
    receipts: tuple[Receipt, ...] = ()
    closed: bool = False

    def received(self) -> dict[str, int]:
        """Return how many units of each line came so far."""
        came = {line.line_id: 0 for line in self.facts.lines}
        for receipt in self.receipts:
            for line in receipt.received.lines:
                came[line.line_id] += line.sellable + line.damaged
        return came
