"""What a replay made of its source, in numbers that add up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

from app.cli.replay.source import Draft, Item, Size, SourceUnusable, Unused
from app.domain.order.commands import CancelLines, CancelOrder, PlaceOrder, ShipOrder
from app.domain.payment.commands import CapturePayment, RecordPaymentCaptured
from app.domain.returns.commands import RequestReturn

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass
class Sum:
    """Commands of one kind, and what they carry. Amounts are minor units."""

    commands: int = 0
    lines: int = 0
    units: int = 0
    amount: int = 0

    def add(self, draft: Draft) -> None:
        self.commands += 1
        self.lines += draft.lines
        self.units += draft.units
        self.amount += draft.amount


@dataclass
class Counts:
    """The sums over a source. A command that must be refused is counted by its code, and nowhere else."""

    documents: int = 0
    lines: int = 0
    guests: int = 0
    placed: Sum = field(default_factory=Sum)
    cancelled: Sum = field(default_factory=Sum)
    shipped: Sum = field(default_factory=Sum)
    returned: Sum = field(default_factory=Sum)
    captured: Sum = field(default_factory=Sum)
    back: int = 0  # of what was captured
    lines_unused: int = 0
    unused: Counter[str] = field(default_factory=Counter)
    notable: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    stages: dict[str, str] = field(default_factory=dict)  # by order id
    currency: str = ""

    def add(self, item: Item) -> None:
        """Count an item."""
        match item:
            case Draft():
                self._add_draft(item)
            case Unused():
                self.unused[item.reason] += 1
                self.lines_unused += item.lines
            case Size():
                self.documents, self.lines = item
            case _:
                assert_never(item)

    @property
    def lines_accounted(self) -> int:
        """How many lines of the source are in a count."""
        return self.placed.lines + self.cancelled.lines + self.returned.lines + self.lines_unused

    def close(self) -> None:
        """Raise SourceUnusable when a line of the source is in no count, or in two."""
        if self.lines_accounted != self.lines:
            raise SourceUnusable(
                f"{self.lines} lines were read, but {self.lines_accounted} are accounted for"
            )

    def _add_draft(self, draft: Draft) -> None:
        self.notable.update(draft.notable)
        if draft.refusal:
            self.refusals[draft.refusal] += 1
            return
        self.back += draft.back
        if draft.leaves:
            self.stages[draft.order_id] = draft.leaves
        data = draft.data
        if isinstance(data, PlaceOrder):
            self.guests += data.customer_id is None
            self.currency = data.currency
            self.placed.add(draft)
        elif isinstance(data, CancelLines | CancelOrder):
            self.cancelled.add(draft)
        elif isinstance(data, ShipOrder):
            self.shipped.add(draft)
        elif isinstance(data, RequestReturn):
            self.returned.add(draft)
        elif isinstance(data, CapturePayment | RecordPaymentCaptured):
            self.captured.add(draft)


def count(items: Iterable[Item]) -> Counts:
    """Count a whole source. Raises SourceUnusable when its lines do not add up."""
    counts = Counts()
    for item in items:
        counts.add(item)
    counts.close()
    return counts
