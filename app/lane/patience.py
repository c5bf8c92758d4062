"""Short deadlines for aiokafka's clients.

A frozen broker accepts connections and answers nothing. aiokafka then waits for `request_timeout`, holding its
connect lock, for every request to that node, heartbeats included: longer than a session lasts. So a connection
gets two seconds and an answer four. Produce, JoinGroup and SyncGroup may rightly take longer and are left alone.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from aiokafka.client import ConnectionGroup
from aiokafka.conn import CloseReason
from aiokafka.errors import RequestTimedOutError
from aiokafka.protocol.group import JoinGroupRequest, SyncGroupRequest
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.protocol.produce import ProduceRequest

CONNECT, ANSWER, METADATA = 2.0, 4.0, 15.0  # seconds
_MAY_BE_SLOW = (ProduceRequest, JoinGroupRequest, SyncGroupRequest)

log = logging.getLogger(__name__)


def we_are_cancelled() -> bool:
    """Whether somebody cancelled the running task.

    When aiokafka closes a client it cancels tasks of its own and awaits them, and some let their CancelledError out:
    it then comes up in our task, which nobody cancelled.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def limit(client: Any) -> None:
    """Give an AIOKafkaClient, not yet started, the deadlines of this module."""
    connect, send, update = client._get_conn, client.send, client._metadata_update  # noqa: SLF001 - no setting for these

    async def get_connection(node: int, **how: Any) -> Any:
        try:
            async with asyncio.timeout(CONNECT):
                connection = await connect(node, **how)
        except TimeoutError:
            log.warning("node %s: no connection in %s s", node, CONNECT)
            client.force_metadata_update()
            return None
        if connection is not None and not hasattr(connection, "limited"):
            _limit_metadata(connection)
        return connection

    async def send_in_time(node: int, request: Any, *, group: Any = ConnectionGroup.DEFAULT) -> Any:
        if isinstance(request, _MAY_BE_SLOW):
            return await send(node, request, group=group)
        try:
            async with asyncio.timeout(ANSWER):
                return await send(node, request, group=group)
        except TimeoutError:
            connection = client._conns.get((node, group))  # noqa: SLF001
            if connection is not None:
                connection.close(reason=CloseReason.CONNECTION_TIMEOUT)
            log.warning("node %s: %s not answered in %s s", node, type(request).__name__, ANSWER)
            client.force_metadata_update()
            raise RequestTimedOutError from None

    async def update_in_time(cluster: Any, topics: Any) -> bool:
        """One task of the client updates its metadata, and everything waits for it: it must not hang, nor end."""
        try:
            async with asyncio.timeout(METADATA):
                updated: bool = await update(cluster, topics)
                return updated
        except Exception as error:  # noqa: BLE001 - whatever it is, the next attempt comes
            log.warning("metadata: %r", error)
            return False

    client._get_conn, client.send = get_connection, send_in_time  # noqa: SLF001
    client._metadata_update = update_in_time  # noqa: SLF001


def _limit_metadata(connection: Any) -> None:
    """Metadata requests bypass `client.send`: limit them where they are sent."""
    send = connection.send

    def send_in_time(request: Any, expect_response: bool = True) -> Any:  # noqa: FBT001, FBT002 - aiokafka's signature
        answer = send(request, expect_response=expect_response)
        return asyncio.wait_for(answer, ANSWER) if isinstance(request, MetadataRequest) else answer

    connection.send, connection.limited = send_in_time, True
