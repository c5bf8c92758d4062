"""What holds for every command and event of a ledger."""

from typing import get_args

import msgspec
import pytest

from app.domain.payment import commands, decider, events, evolver
from app.domain.payment.decider import decide
from app.domain.payment.evolver import fold
from app.domain.payment.state import EMPTY, Ledger
from tests.domain.payment.scenario import (
    ONE_LINE,
    PAID,
    authorize,
    authorized,
    given,
    grant,
    refund,
    refunded,
    void,
    voided,
)


def test_every_command_has_its_rule() -> None:
    assert set(decider.DECIDE) == set(get_args(commands.PaymentCommand))
    assert set(decider.RECORDED) == set(get_args(commands.ProviderFact))


def test_every_event_has_its_fold() -> None:
    assert {*evolver.LEARN, events.RefundGranted} == set(get_args(events.PaymentEvent))
    assert set(decider.RECORDED.values()) < set(get_args(events.PaymentEvent))


@pytest.mark.parametrize("command", get_args(commands.ProviderFact))
def test_a_fact_is_kept_as_it_was_told(command: type[msgspec.Struct]) -> None:
    event = decider.RECORDED[command]
    assert event.__struct_fields__ == command.__struct_fields__
    assert event.__base__ is command.__base__


def test_a_ledger_survives_being_written_and_read() -> None:
    story = given(*PAID, grant("g", ("A", 1), fee=10), refund("r", 100), refunded("r", 100))
    row = msgspec.json.encode(story.ledger)
    assert msgspec.json.decode(row, type=Ledger) == story.ledger
    assert msgspec.json.encode(EMPTY) == b"{}"


def test_folding_in_parts_is_folding_the_whole() -> None:
    happened: list[events.PaymentEvent] = []
    ledger = EMPTY
    for command in (authorize(), authorized(), void(), voided()):
        new = decide(ONE_LINE, ledger, command)
        ledger = fold(new, ledger)
        happened += new
    for cut in range(len(happened) + 1):
        assert fold(happened[cut:], fold(happened[:cut], EMPTY)) == ledger
