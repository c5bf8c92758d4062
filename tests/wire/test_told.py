"""What processes are told: every event of every aggregate, every outcome, timers and ticks; and nothing else."""

import pytest

from app.lane.declare import Record, Undecodable
from app.lane.ticks import tick
from app.wire.contracts import CONTRACTS
from app.wire.events import Envelope
from app.wire.outcomes import Outcome
from app.wire.told import Tick, TimerDue, decode_told, encode_timer_due
from tests.domain.scenario import NOON
from tests.wire.samples import GOLDEN


def told(value: bytes | None) -> Record:
    return Record("process-inputs", 0, 0, 0, b"o-1", value)


@pytest.mark.parametrize("name", [name for contract in CONTRACTS for name in contract.events.values()])
def test_every_event_is_told_as_it_was_published(name: str) -> None:
    heard = decode_told(told((GOLDEN / f"{name}.json").read_bytes()))
    assert isinstance(heard, Envelope)
    assert heard.type == name
    assert type(heard.data) in {kind for contract in CONTRACTS for kind in contract.events}


@pytest.mark.parametrize("name", ["command-accepted.v1", "command-refused.v1"])
def test_an_outcome_is_told(name: str) -> None:
    heard = decode_told(told((GOLDEN / f"{name}.json").read_bytes()))
    assert isinstance(heard, Outcome)
    assert heard.type == name


def test_a_timer_is_told() -> None:
    assert decode_told(told(encode_timer_due(TimerDue(due=NOON)))) == TimerDue(due=NOON)


def test_a_tick_is_told() -> None:
    key, value, headers = tick(0, 4, b"first")
    assert decode_told(Record("process-inputs", 0, 0, 0, key, value, headers)) == Tick(b"first")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "value-missing"),
        (b"", "not-json"),
        (b"[]", "not-json"),
        (b'{"type":"order-placed.v1"}', "not-json"),
        (b'{"type":"order-placed.v9"}', "type-unknown"),
        (b'{"type":"timer-due.v1","due":"soon"}', "not-json"),
        (b'{"type":"\xff"}', "not-json"),
    ],
)
def test_what_no_agent_of_ours_wrote_is_not_told(value: bytes | None, code: str) -> None:
    with pytest.raises(Undecodable) as wrong:
        decode_told(told(value))
    assert wrong.value.code == code
