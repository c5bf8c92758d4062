"""What is published of stock, returns and carts (pydantic) and what decides (msgspec) take the same documents."""

from typing import get_args

import msgspec
import pytest

from app.domain.cart.commands import CartCommand
from app.domain.cart.events import CartEvent
from app.domain.returns.commands import ReturnCommand
from app.domain.returns.events import ReturnEvent
from app.domain.stock.commands import StockCommand
from app.domain.stock.events import StockEvent
from app.wire import returns_models, returns_types, stock_models, stock_types
from app.wire.models import Model
from tests.wire import returns_samples, stock_samples
from tests.wire.agreement import HOSTILE, assert_agreement

SAMPLES = [
    *stock_samples.STOCK_COMMANDS,
    *stock_samples.STOCK_EVENTS,
    *returns_samples.RETURN_COMMANDS,
    *returns_samples.RETURN_EVENTS,
    *returns_samples.CART_COMMANDS,
    *returns_samples.CART_EVENTS,
]
NAMES = {
    **stock_types.STOCK_COMMANDS,
    **stock_types.STOCK_EVENTS,
    **returns_types.RETURN_COMMANDS,
    **returns_types.RETURN_EVENTS,
    **returns_types.CART_COMMANDS,
    **returns_types.CART_EVENTS,
}
MODELS: dict[type, type[Model]] = {
    **stock_models.STOCK_COMMAND_MODELS,
    **stock_models.STOCK_EVENT_MODELS,
    **returns_models.RETURN_COMMAND_MODELS,
    **returns_models.RETURN_EVENT_MODELS,
    **returns_models.CART_COMMAND_MODELS,
    **returns_models.CART_EVENT_MODELS,
}


def test_every_message_has_a_name_a_model_and_a_sample() -> None:
    kinds = {
        each
        for union in (StockCommand, StockEvent, ReturnCommand, ReturnEvent, CartCommand, CartEvent)
        for each in get_args(union)
    }
    assert set(NAMES) == set(MODELS) == {type(sample) for sample in SAMPLES} == kinds
    assert len(set(NAMES.values())) == len(NAMES) == len(SAMPLES)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: NAMES[type(sample)])
def test_a_document_is_taken_by_both_or_by_neither(sample: msgspec.Struct) -> None:
    model = MODELS[type(sample)]
    assert list(type(sample).__struct_fields__) == list(model.model_fields), "in the same order"
    assert_agreement(sample, model, [*HOSTILE, -(2**53), 1 - 2**53, False])
