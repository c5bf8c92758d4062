"""What is published of payments (pydantic) and what decides (msgspec) take the same documents."""

from typing import get_args

import msgspec
import pytest

from app.domain.payment.commands import PaymentCommand
from app.domain.payment.events import PaymentEvent
from app.wire.models import Model
from app.wire.payment_models import COMMAND_MODELS, EVENT_MODELS
from app.wire.payment_types import PAYMENT_COMMANDS, PAYMENT_EVENTS
from tests.wire import payment_samples
from tests.wire.agreement import HOSTILE, assert_agreement

SAMPLES = [*payment_samples.PAYMENT_COMMANDS, *payment_samples.PAYMENT_EVENTS]
NAMES = {**PAYMENT_COMMANDS, **PAYMENT_EVENTS}
MODELS: dict[type, type[Model]] = {**COMMAND_MODELS, **EVENT_MODELS}


def test_every_message_has_a_name_a_model_and_a_sample() -> None:
    kinds = {*get_args(PaymentCommand), *get_args(PaymentEvent)}
    assert set(NAMES) == set(MODELS) == {type(sample) for sample in SAMPLES} == kinds
    assert len(set(NAMES.values())) == len(NAMES) == len(SAMPLES)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: NAMES[type(sample)])
def test_a_document_is_taken_by_both_or_by_neither(sample: msgspec.Struct) -> None:
    assert_agreement(sample, MODELS[type(sample)], HOSTILE)
