"""The published contract: every message as a pydantic model and as JSON Schema; it judges strangers' JSON."""

from typing import Annotated, Any, Final, Literal, TypedDict

import msgspec
from pydantic import Field, ValidationError

from app.wire.duplicates import duplicates
from app.wire.models import Amount, Cancelled, CancelLines, CancelOrder, Id, Model, Moment, PlaceOrder


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
    """The order's id, which is also the record's key."""
    traceparent: Id | None = None
    """W3C Trace Context."""


class Command(CloudEvent):
    """Something to be done. A second command with the same `id` has no effect."""

    time: Moment | None = None
    correlationid: Id | None = None
    """What the whole conversation has in common. The command's id when there is none."""
    causationid: Id | None = None
    expectedversion: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    """Refuse the command unless the order has this version; 0: unless there is no such order."""


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
    """Something that happened to an order. `id` is `<subject>@<sequence>`."""

    time: Moment
    """When it was recorded. What the business calls its time is in the data."""
    sequence: str
    """The order's version after this event, in decimal: dense from 1."""
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
    """The order's, after the command."""
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


COMMANDS: Final[dict[str, type[Command]]] = {
    "place-order.v1": PlaceOrderCommand,
    "cancel-lines.v1": CancelLinesCommand,
    "cancel-order.v1": CancelOrderCommand,
}
MESSAGES: Final[dict[str, type[CloudEvent]]] = {
    **COMMANDS,
    "order-placed.v1": OrderPlacedEvent,
    "order-lines-cancelled.v1": OrderLinesCancelledEvent,
    "order-cancelled.v1": OrderCancelledEvent,
    "command-accepted.v1": CommandAccepted,
    "command-refused.v1": CommandRefused,
}


def explain(value: bytes) -> list[Fault]:
    """Return every fault of a command's document; an empty list when it is a command.

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
    model = COMMANDS.get(name) if isinstance(name, str) else None
    if model is None:
        return [*faults, Fault(pointer="/type", detail=f"must be one of {', '.join(COMMANDS)}")]
    try:
        model.model_validate(document)
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
