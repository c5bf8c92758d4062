"""The published contract: every message as a pydantic model and as JSON Schema; it judges strangers' JSON."""

from collections.abc import Collection
from typing import Annotated, Any, Final, Literal, TypedDict

import msgspec
from pydantic import Field, ValidationError, create_model

from app.domain.order import commands as order_commands
from app.wire import models, payment_models, returns_models, stock_models
from app.wire.contracts import CARTS, ORDERS, RETURNS, STOCK
from app.wire.duplicates import duplicates
from app.wire.mirror import mirror
from app.wire.models import Amount, Cancelled, CancelLines, CancelOrder, Id, Model, Moment, PlaceOrder
from app.wire.order_types import ORDER_COMMANDS, ORDER_EVENTS


class Fault(TypedDict):
    """One thing to change, and where: a JSON pointer (RFC 6901) into the document."""

    pointer: str
    detail: str


class CloudEvent(Model):
    """The attributes of CloudEvents 1.0 that every message has."""

    specversion: Literal["1.0"]
    id: Id
    source: Annotated[str, Field(min_length=1, max_length=256)]
    subject: Id
    """The id of what it is for or about, which is also the record's key."""
    traceparent: Id | None = None
    """W3C Trace Context."""


class Command(CloudEvent):
    """Something to be done. A second command with the same `id` has no effect."""

    time: Moment | None = None
    correlationid: Id | None = None
    """What the whole conversation has in common. The command's id when there is none."""
    causationid: Id | None = None
    expectedversion: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    """Refuse the command unless its subject has this version; 0: unless there is no such one."""


class PlaceOrderCommand(Command):
    """Place an order."""

    type: Literal["place-order.v1"]
    data: PlaceOrder


class CancelLinesCommand(Command):
    """Cancel some units of some lines."""

    type: Literal["cancel-lines.v1"]
    data: CancelLines


class CancelOrderCommand(Command):
    """Cancel everything that is left of an order."""

    type: Literal["cancel-order.v1"]
    data: CancelOrder


class Event(CloudEvent):
    """Something that happened. `id` is `<subject>@<sequence>`."""

    time: Moment
    """When it was recorded. What the business calls its time is in the data."""
    sequence: str
    """The subject's version after this event, in decimal: dense from 1."""
    correlationid: Id
    causationid: Id
    """The command that caused it."""


class OrderPlacedEvent(Event):
    """An order was placed, as its command stated it."""

    type: Literal["order-placed.v1"]
    data: PlaceOrder


class OrderLinesCancelledEvent(Event):
    """Some units of an order were cancelled."""

    type: Literal["order-lines-cancelled.v1"]
    data: Cancelled


class OrderCancelledEvent(Event):
    """All that was left of an order was cancelled."""

    type: Literal["order-cancelled.v1"]
    data: Cancelled


class Outcome(CloudEvent):
    """What became of a command. The record's key is the command's id; `id` is `<command id>/outcome`."""

    id: str
    time: Moment
    correlationid: Id
    causationid: Id


class Accepted(Model):
    """The command had its effect, or there was nothing left to do (no events)."""

    command: Id
    type: str
    version: Amount
    """The subject's, after the command."""
    events: list[str]
    """Ids, in order."""


class Refused(Model):
    """The command will never have an effect as it stands."""

    command: Id
    type: str
    version: Amount
    code: str
    """Stable; docs/domain.md lists them."""
    detail: str
    """For people."""


class CommandAccepted(Outcome):
    """A command was accepted."""

    type: Literal["command-accepted.v1"]
    data: Accepted


class CommandRefused(Outcome):
    """A command was refused."""

    type: Literal["command-refused.v1"]
    data: Refused


_KNOWN: Final[dict[type, type[Model]]] = {
    order_commands.PlaceOrder: PlaceOrder,
    order_commands.Line: models.Line,
    order_commands.ShippingLine: models.ShippingLine,
    order_commands.Address: models.Address,
    order_commands.Checkout: models.Checkout,
}


def _mirrored(names: dict[type, str]) -> dict[type, type[Model]]:
    return {kind: mirror(kind, _KNOWN) for kind in names}


def _models(base: type[CloudEvent], names: dict[type, str], data: dict[type, type[Model]]) -> dict[str, Any]:
    """Return the model of each message: its envelope, its name, its data."""
    return {
        name: create_model(
            f"{kind.__name__}{base.__name__}",
            __base__=base,
            __doc__=data[kind].__doc__,
            type=(Literal[name], ...),  # type: ignore[arg-type] # a value is a type here
            data=(data[kind], ...),
        )
        for kind, name in names.items()
        if kind in data
    }


COMMANDS: Final[dict[str, type[Command]]] = {
    "place-order.v1": PlaceOrderCommand,
    "cancel-lines.v1": CancelLinesCommand,
    "cancel-order.v1": CancelOrderCommand,
    **_models(Command, ORDERS.commands, _mirrored(ORDER_COMMANDS)),
    **_models(Command, ORDERS.commands, payment_models.COMMAND_MODELS),
    **_models(Command, STOCK.commands, stock_models.STOCK_COMMAND_MODELS),
    **_models(Command, RETURNS.commands, returns_models.RETURN_COMMAND_MODELS),
    **_models(Command, CARTS.commands, returns_models.CART_COMMAND_MODELS),
}
MESSAGES: Final[dict[str, type[CloudEvent]]] = {
    **COMMANDS,
    "order-placed.v1": OrderPlacedEvent,
    "order-lines-cancelled.v1": OrderLinesCancelledEvent,
    "order-cancelled.v1": OrderCancelledEvent,
    **_models(Event, ORDERS.events, _mirrored(ORDER_EVENTS)),
    **_models(Event, ORDERS.events, payment_models.EVENT_MODELS),
    **_models(Event, STOCK.events, stock_models.STOCK_EVENT_MODELS),
    **_models(Event, RETURNS.events, returns_models.RETURN_EVENT_MODELS),
    **_models(Event, CARTS.events, returns_models.CART_EVENT_MODELS),
    "command-accepted.v1": CommandAccepted,
    "command-refused.v1": CommandRefused,
}


def explain(value: bytes, known: Collection[str] | None = None) -> list[Fault]:
    """Return every fault of a command's document; an empty list when it is a command (of the `known` types).

    Cost grows with the number of faults: bound the size of `value` before.
    """
    try:
        document = msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        return [Fault(pointer="", detail=f"is not JSON: {wrong}")]
    except RecursionError:
        return [Fault(pointer="", detail="nests too deeply")]
    faults = [Fault(pointer=where, detail="is there more than once") for where in duplicates(value)]
    if not isinstance(document, dict):
        return [*faults, Fault(pointer="", detail="must be an object")]
    name = document.get("type")
    known = COMMANDS if known is None else known
    if not isinstance(name, str) or name not in known:
        return [*faults, Fault(pointer="/type", detail=f"must be one of {', '.join(known)}")]
    try:
        COMMANDS[name].model_validate(document)
    except ValidationError as wrong:
        faults += [
            Fault(pointer=pointer(each["loc"]), detail=each["msg"].removeprefix("Value error, "))
            for each in wrong.errors(include_url=False, include_context=False, include_input=False)
        ]
    return faults


def pointer(path: tuple[str | int, ...]) -> str:
    """Return a path as a JSON pointer (RFC 6901)."""
    return "".join(["/" + str(step).replace("~", "~0").replace("/", "~1") for step in path])


def json_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of a type of message. docs/schemas/ holds them as files."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{name}.json",
        **MESSAGES[name].model_json_schema(),
    }
