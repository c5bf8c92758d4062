"""The envelopes of commands: one Struct a type, so that one pass over the bytes decodes envelope and data.

Attributes that CloudEvents allows and that we do not use are ignored. `time` is the sender's word.
"""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct, field

from app.domain.bounds import Id, Version
from app.domain.order.commands import CancelLines, CancelOrder, Moment, OrderCommand, PlaceOrder
from app.wire.ids import sound
from app.wire.types import COMMANDS

Source = Annotated[str, Meta(min_length=1, max_length=256)]


class Command(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag_field="type"):
    """A command as it came in. `id` is the key of deduplication, `subject` the order's id."""

    type: ClassVar[str]

    specversion: Literal["1.0"]
    id: Id
    source: Source
    subject: Id
    time: Moment | None = None
    correlation_id: Id | None = field(default=None, name="correlationid")
    causation_id: Id | None = field(default=None, name="causationid")
    traceparent: Id | None = None
    expected_version: Version | None = field(default=None, name="expectedversion")
    data: OrderCommand

    def sound(self, *, plain: bool) -> bool:
        """Check what msgspec cannot at speed: the ids, unless their document is `plain`, and the currency."""
        return plain or sound(self.ids())

    def ids(self) -> list[str]:
        """Return every id, of the envelope and of the data."""
        ids = [self.id, self.subject]
        if self.correlation_id is not None:
            ids.append(self.correlation_id)
        if self.causation_id is not None:
            ids.append(self.causation_id)
        if self.traceparent is not None:
            ids.append(self.traceparent)
        return ids


class PlaceOrderCommand(Command, frozen=True, kw_only=True, gc=False, tag=COMMANDS[PlaceOrder]):
    type: ClassVar[str] = COMMANDS[PlaceOrder]
    data: PlaceOrder

    def sound(self, *, plain: bool) -> bool:
        currency = self.data.currency
        if not (currency.isupper() and currency.isalpha()):
            return False
        return plain or (currency.isascii() and sound(self.ids()))

    def ids(self) -> list[str]:
        data = self.data
        ids = Command.ids(self)
        ids.append(data.zone)
        ids.append(data.origin)
        for optional in (data.customer_id, data.cart_id, data.replaces):
            if optional is not None:
                ids.append(optional)
        for line in data.lines:
            ids.append(line.line_id)
            ids.append(line.sku)
            if line.line_discounts:
                ids += [discount.id for discount in line.line_discounts]
        for charge in data.shipping:
            ids.append(charge.line_id)
        return ids


class CancelLinesCommand(Command, frozen=True, kw_only=True, gc=False, tag=COMMANDS[CancelLines]):
    type: ClassVar[str] = COMMANDS[CancelLines]
    data: CancelLines

    def ids(self) -> list[str]:
        return [*Command.ids(self), *[line.line_id for line in self.data.lines]]


class CancelOrderCommand(Command, frozen=True, kw_only=True, gc=False, tag=COMMANDS[CancelOrder]):
    type: ClassVar[str] = COMMANDS[CancelOrder]
    data: CancelOrder


AnyCommand = PlaceOrderCommand | CancelLinesCommand | CancelOrderCommand
ENVELOPES: dict[type, type[AnyCommand]] = {
    PlaceOrder: PlaceOrderCommand,
    CancelLines: CancelLinesCommand,
    CancelOrder: CancelOrderCommand,
}
