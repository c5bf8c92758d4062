"""What one event asks of a provider outside, and the commands that tell what came of it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct

from app.domain.bounds import ID_LENGTH
from app.effects import house
from app.effects.calls import Call, call_of
from app.effects.keys import command_id
from app.wire.contracts import ORDERS
from app.wire.events import UnknownEvent
from app.wire.types import COMMAND_HEADERS

if TYPE_CHECKING:
    from datetime import datetime

    from app.domain.payment.commands import ProviderFact
    from app.effects.provider import Facts
    from app.lane.turn import Output
    from app.wire.events import Envelope

# What decoding raises for an event that this release cannot read.
UNREADABLE: Final = (UnknownEvent, msgspec.DecodeError, UnicodeDecodeError)


class Movement(Struct, frozen=True, kw_only=True):
    """A call, and which event asked for it."""

    call: Call
    event_id: str
    correlation_id: str
    traceparent: str | None


def movement_of(event: Envelope[Any]) -> Movement | None:
    """Return what an event asks of a provider outside. None: nothing. The house account is inside."""
    call = call_of(event.subject, event.data)
    if call is None or call.provider == house.NAME:
        return None
    return Movement(
        call=call,
        event_id=event.id,
        correlation_id=event.correlationid,
        traceparent=event.traceparent,
    )


def commands_of(movement: Movement, facts: Facts, now: datetime) -> list[Output]:
    """Return the records that tell facts: the same for the same facts, but for their time."""
    # A long order id makes an event's id longer than a command may carry.
    cause = movement.event_id if len(movement.event_id) <= ID_LENGTH else None
    return [
        (
            movement.call.order_id.encode(),
            telling(
                movement.call,
                fact,
                time=now,
                correlation_id=movement.correlation_id,
                causation_id=cause,
                traceparent=movement.traceparent,
            ),
            COMMAND_HEADERS,
        )
        for fact in facts
    ]


def telling(call: Call, fact: ProviderFact, **attributes: Any) -> bytes:
    """Return the command that tells what a provider said to a call. `attributes`: further ones of the command."""
    return ORDERS.encode_command(
        id=command_id(call.key, fact),
        subject=call.order_id,
        data=fact,
        source=f"/effects/{call.provider}",
        **attributes,
    )
