"""What is told to the processes of an order, as records of `process-inputs`: events, outcomes, and that it is time."""

from datetime import datetime
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from app.lane.declare import Record, Undecodable
from app.lane.ticks import is_tick
from app.wire.contract import Contract
from app.wire.contracts import CONTRACTS
from app.wire.events import Envelope
from app.wire.outcomes import Outcome, decode_outcome
from app.wire.types import ACCEPTED, REFUSED

TIMER_DUE: Final = "timer-due.v1"


class Tick(Struct, frozen=True):
    """Something is due on this lane, `first` before all else."""

    first: bytes


class TimerDue(Struct, frozen=True, kw_only=True):
    """The timer of an order's processes is due."""

    type: Literal["timer-due.v1"] = TIMER_DUE
    due: datetime


class _Named(Struct):
    type: str


Told = Envelope[Any] | Outcome | TimerDue | Tick

encode_timer_due: Final = msgspec.json.Encoder().encode
_name: Final = msgspec.json.Decoder(_Named).decode
_timer_due: Final = msgspec.json.Decoder(TimerDue).decode
_BY_EVENT: Final[dict[str, Contract]] = {
    name: contract for contract in CONTRACTS for name in contract.events.values()
}


def decode_told(record: Record) -> Told:
    """Return what a record tells. Raises `Undecodable` for what no agent of ours wrote."""
    value = record.value
    if value is None:
        raise Undecodable("value-missing", "nobody but the agents of this application writes to this topic")
    if is_tick(record):
        return Tick(value)
    try:
        name = _name(value).type
        if name in (ACCEPTED, REFUSED):
            return decode_outcome(value)
        if name == TIMER_DUE:
            return _timer_due(value)
        contract = _BY_EVENT.get(name)
        if contract is not None:
            return contract.decode_event(value)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise Undecodable("not-json", str(wrong)) from None
    raise Undecodable("type-unknown", f"{name} is nothing that processes are told")
