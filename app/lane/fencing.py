"""KIP-447: the consumer group fences the producer.

A transaction hands its positions to the group with the generation that the partitions were assigned in. If the
group has moved on, the coordinator refuses, and the transaction can never commit. aiokafka 0.14 speaks version 0
to 2 of TxnOffsetCommit, which carry no generation; this is version 3, and the `Sender` that uses it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

from aiokafka import TopicPartition
from aiokafka import errors as kafka
from aiokafka.client import CoordinationType
from aiokafka.producer import sender as upstream
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import CompactArray, CompactString, Int16, Int32, Int64, Schema, TaggedFields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiokafka.structs import OffsetAndMetadata

log = logging.getLogger(__name__)

_FENCED_INSTANCE_ID = 82  # not known to aiokafka: another process has our group.instance.id
_TEXT = CompactString("utf-8")


class Member(NamedTuple):
    """Who we are in the group, fixed when the partitions were assigned."""

    generation: int
    member_id: str
    instance_id: str | None


class StaleMember(Exception):  # noqa: N818 - a fact about the group, not a bug
    """The group's generation moved on: another worker owns, or will own, what this one worked on."""


class _Response(Response):
    API_KEY, API_VERSION = 28, 3
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "topics",
            CompactArray(
                ("topic", _TEXT),
                (
                    "partitions",
                    CompactArray(("partition", Int32), ("error_code", Int16), ("tags", TaggedFields)),
                ),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _RequestV3(RequestStruct):
    API_KEY, API_VERSION, FLEXIBLE_VERSION, RESPONSE_TYPE = 28, 3, True, _Response
    SCHEMA = Schema(
        ("transactional_id", _TEXT),
        ("group_id", _TEXT),
        ("producer_id", Int64),
        ("producer_epoch", Int16),
        ("generation_id", Int32),
        ("member_id", _TEXT),
        ("group_instance_id", _TEXT),
        (
            "topics",
            CompactArray(
                ("topic", _TEXT),
                (
                    "partitions",
                    CompactArray(
                        ("partition", Int32),
                        ("offset", Int64),
                        ("leader_epoch", Int32),
                        ("metadata", _TEXT),
                        ("tags", TaggedFields),
                    ),
                ),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _Request(Request[_RequestV3]):
    API_KEY = 28

    def __init__(self, *fields: Any) -> None:
        self._fields = fields

    def build(self, request_struct_class: type[_RequestV3]) -> _RequestV3:
        return request_struct_class(*self._fields)


class _TxnOffsetCommitHandler(upstream.TxnOffsetCommitHandler):
    def create_request(self) -> _Request:
        transaction, member = self._sender._txn_manager, self._sender.member  # noqa: SLF001
        by_topic: dict[str, list[tuple[int, int, int, str, dict[int, bytes]]]] = defaultdict(list)
        offsets: Mapping[TopicPartition, OffsetAndMetadata] = self._offsets
        for tp, offset in offsets.items():
            by_topic[tp.topic].append((tp.partition, offset.offset, -1, offset.metadata, {}))
        return _Request(
            transaction.transactional_id,
            self._group_id,
            transaction.producer_id,
            transaction.producer_epoch,
            *member,
            [(topic, partitions, {}) for topic, partitions in by_topic.items()],
            {},
        )

    def handle_response(self, response: Any) -> float | None:
        topics = [
            (topic, [(number, code) for number, code, _ in parts]) for topic, parts, _ in response.topics
        ]
        for _, partitions in topics:
            for _, code in partitions:
                error = kafka.for_code(code)
                if code == _FENCED_INSTANCE_ID or error in (
                    kafka.IllegalGenerationError,
                    kafka.UnknownMemberIdError,
                ):
                    self._sender._txn_manager.error_transaction(StaleMember(error.__name__))  # noqa: SLF001
                    return None
        backoff: float | None = super().handle_response(SimpleNamespace(errors=topics))
        return backoff


class Sender(upstream.Sender):
    """aiokafka's sender, with our TxnOffsetCommit, tasks that can be ended, and a look-up that does not give up."""

    member: Member
    group: str | None = (
        None  # to be named to the coordinator while the batches are on their way: saves a round trip
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._running: set[asyncio.Task[Any]] = set()

    @property
    def tasks(self) -> set[asyncio.Task[Any]]:
        """Everything of this sender that still runs."""
        tasks = {*self._running, self._sender_task} - {None}
        return {task for task in tasks if not task.done()}

    def _maybe_do_transactional_request(self) -> asyncio.Task[Any] | None:
        manager = self._txn_manager
        if (
            self.group is not None
            and manager.is_in_transaction()
            and manager.txn_partitions
            and not manager.partitions_to_add()
            and manager._txn_consumer_group is None  # noqa: SLF001 - no public way
        ):
            return asyncio.create_task(self._do_add_offsets_to_txn(self.group))
        task: asyncio.Task[Any] | None = super()._maybe_do_transactional_request()
        return task

    async def _do_txn_offset_commit(self, offsets: Any, group_id: str) -> None:
        self._track()
        node = await self._find_coordinator(CoordinationType.GROUP, group_id)
        await _TxnOffsetCommitHandler(self, offsets, group_id).do(node)

    async def _find_coordinator(self, kind: Any, key: str) -> Any:
        """Ask again after a broken connection: upstream ends the sender for good."""
        while True:
            try:
                return await super()._find_coordinator(kind, key)
            except (kafka.TransactionalIdAuthorizationFailed, kafka.GroupAuthorizationFailedError):
                raise
            except kafka.KafkaError as error:
                log.warning("looking for the coordinator of %s again after %r", key, error)
                self.client.force_metadata_update()
                await asyncio.sleep(self._retry_backoff)

    def _track(self) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _send_produce_req(self, *args: Any) -> Any:
        self._track()
        return await super()._send_produce_req(*args)

    async def _do_add_partitions_to_txn(self, *args: Any) -> Any:
        self._track()
        return await super()._do_add_partitions_to_txn(*args)

    async def _do_add_offsets_to_txn(self, *args: Any) -> Any:
        self._track()
        return await super()._do_add_offsets_to_txn(*args)

    async def _do_txn_commit(self, *args: Any) -> Any:
        self._track()
        return await super()._do_txn_commit(*args)
