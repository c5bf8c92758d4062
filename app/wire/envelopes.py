"""The envelopes of commands: one Struct a type, so that one pass over the bytes decodes envelope and data.

Attributes that CloudEvents allows and that we do not use are ignored. `time` is the sender's word.
"""

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta, Struct, field

from app.domain.bounds import Id, Moment, Version
from app.wire.ids import sound
from app.wire.marked import marked

Source = Annotated[str, Meta(min_length=1, max_length=256)]


class Command(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag_field="type"):
    """A command as it came in. `id` is the key of deduplication, `subject` the id of what it is for."""

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
    data: Any

    def sound(self, *, plain: bool) -> bool:
        """Check what msgspec cannot at speed: the ids, unless their document is `plain`."""
        return plain or sound(self.ids())

    def ids(self) -> list[str]:
        """Return every id, of the envelope and of the data."""
        optional = (self.correlation_id, self.causation_id, self.traceparent)
        ids = [self.id, self.subject, *(each for each in optional if each is not None)]
        ids += marked(type(self.data)).ids(self.data)
        return ids


class PricedCommand(Command, frozen=True, kw_only=True, gc=False):
    """A command whose data names currencies: three capital letters."""

    def sound(self, *, plain: bool) -> bool:
        """Check the currencies, too."""
        for currency in marked(type(self.data)).currencies(self.data):
            if not (currency.isascii() and currency.isalpha() and currency.isupper()):
                return False
        return plain or sound(self.ids())


class OneCurrencyCommand(Command, frozen=True, kw_only=True, gc=False):
    """The same for data whose one currency is its field of that name, in a fifth of the time."""

    def sound(self, *, plain: bool) -> bool:
        """Check the currency, too."""
        currency = self.data.currency
        if not (currency.isupper() and currency.isalpha()):
            return False
        return plain or (currency.isascii() and sound(self.ids()))


def envelope(data: type[Struct], name: str) -> type[Command]:
    """Return the envelope of a type of command."""
    base: type[Command] = Command
    if marked(data).has_currency:
        base = OneCurrencyCommand if "currency" in data.__struct_fields__ else PricedCommand
    made: Any = msgspec.defstruct(
        f"{data.__name__}Command",
        [("data", data)],
        bases=(base,),
        namespace={"type": name, "__doc__": data.__doc__},
        module=__name__,
        tag=name,
        frozen=True,
        kw_only=True,
        gc=False,
    )
    kind: type[Command] = made
    return kind
