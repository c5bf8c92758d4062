"""What goes to the group with a transaction, and which answers mean that the lanes are another's."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata

from app.lane import fencing
from app.lane.fencing import Member, StaleMember

PARCELS = TopicPartition("parcels", 3)
OK, UNKNOWN_MEMBER, ILLEGAL_GENERATION, FENCED_INSTANCE = 0, 25, 22, 82
LOADING, NOT_COORDINATOR, FENCED_PRODUCER, AUTHORIZATION = 14, 16, 47, 30


class Transaction:
    """aiokafka's transaction manager, as far as the handler talks to it."""

    transactional_id, producer_id, producer_epoch = "depot-w1", 1234, 5

    def __init__(self) -> None:
        self.committed: list[TopicPartition] = []
        self.error: BaseException | None = None

    def offset_committed(self, tp: TopicPartition, *_: object) -> None:
        self.committed.append(tp)

    def error_transaction(self, error: BaseException) -> None:
        self.error = error


@pytest.fixture
def transaction() -> Transaction:
    return Transaction()


@pytest.fixture
def handler(transaction: Transaction) -> Any:
    sender = SimpleNamespace(
        _txn_manager=transaction,
        member=Member(7, "member-a", "w1"),
        _retry_backoff=0.1,
        _coordinator_dead=lambda _: None,
    )
    return fencing._TxnOffsetCommitHandler(sender, {PARCELS: OffsetAndMetadata(42, "")}, "depot")


def answer(code: int) -> Any:
    return SimpleNamespace(topics=[("parcels", [(3, code, {})], {})])


def test_the_request_carries_generation_member_and_instance(handler: Any) -> None:
    request = handler.create_request().build(fencing._RequestV3)
    assert (request.API_KEY, request.API_VERSION) == (28, 3)
    decoded = fencing._RequestV3.decode(request.encode())
    assert (decoded.transactional_id, decoded.group_id, decoded.producer_id, decoded.producer_epoch) == (
        "depot-w1",
        "depot",
        1234,
        5,
    )
    assert (decoded.generation_id, decoded.member_id, decoded.group_instance_id) == (7, "member-a", "w1")
    assert decoded.topics == [("parcels", [(3, 42, -1, "", {})], {})]


def test_positions_that_the_group_took_are_noted(handler: Any, transaction: Transaction) -> None:
    assert handler.handle_response(answer(OK)) is None
    assert transaction.committed == [PARCELS]
    assert transaction.error is None


@pytest.mark.parametrize("code", [UNKNOWN_MEMBER, ILLEGAL_GENERATION, FENCED_INSTANCE])
def test_a_group_that_moved_on_fences_the_transaction(
    handler: Any, transaction: Transaction, code: int
) -> None:
    assert handler.handle_response(answer(code)) is None
    assert isinstance(transaction.error, StaleMember)
    assert transaction.committed == []


@pytest.mark.parametrize("code", [LOADING, NOT_COORDINATOR])
def test_a_coordinator_that_is_not_there_is_asked_again(
    handler: Any, transaction: Transaction, code: int
) -> None:
    assert handler.handle_response(answer(code)) == pytest.approx(0.1)
    assert transaction.error is None


@pytest.mark.parametrize("code", [FENCED_PRODUCER, AUTHORIZATION])
def test_anything_else_fails_the_transaction_but_does_not_take_the_lanes(
    handler: Any, transaction: Transaction, code: int
) -> None:
    raised: BaseException | None = None
    try:
        handler.handle_response(answer(code))
    except KafkaError as error:
        raised = error
    assert isinstance(raised or transaction.error, KafkaError)
    assert transaction.committed == []
