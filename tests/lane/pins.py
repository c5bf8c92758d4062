"""What the engine takes for granted of faust, mode, aiokafka and rocksdict, as hashes of their source.

    python -m tests.lane.pins     # after reading the changes: write pins.json anew

What `app/lane` overrides is found by looking at its classes; what it wraps, or reads by a private name, is listed in
`RELIED_ON`. Compiled methods have no source: their documentation and signature stand for it.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib
import inspect
import json
import textwrap
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from mode.services import ServiceTask

UPSTREAM = ("faust", "mode", "aiokafka", "rocksdict")
LANE = Path(__file__).parents[2] / "app" / "lane"
FILE = Path(__file__).with_name("pins.json")

_DRIVER = "faust.transport.drivers.aiokafka"
RELIED_ON = (
    # transport: what is fetched, and by whom
    f"{_DRIVER}:AIOKafkaConsumerThread._fetch_records",
    f"{_DRIVER}:AIOKafkaConsumerThread._ensure_consumer",
    f"{_DRIVER}:AIOKafkaConsumerThread._create_consumer",
    f"{_DRIVER}:AIOKafkaConsumerThread.call_thread",
    f"{_DRIVER}:ThreadedProducer.__init__",
    "faust.transport.consumer:Consumer.on_init_dependencies",
    "faust.transport.consumer:Consumer.resume_flow",
    "faust.transport.consumer:ThreadDelegateConsumer.__init__",
    "faust.transport.consumer:Fetcher._fetcher",
    "faust.transport.utils:DefaultSchedulingStrategy",
    "aiokafka.consumer.consumer:AIOKafkaConsumer.__init__",
    "aiokafka.consumer.consumer:AIOKafkaConsumer.start",
    "aiokafka.consumer.consumer:AIOKafkaConsumer.seek",
    "aiokafka.consumer.consumer:AIOKafkaConsumer.pause",
    "aiokafka.consumer.consumer:AIOKafkaConsumer.resume",
    "aiokafka.consumer.consumer:AIOKafkaConsumer.position",
    "aiokafka.consumer.consumer:AIOKafkaConsumer.getmany",
    "aiokafka.consumer.fetcher:Fetcher.__init__",
    "aiokafka.consumer.fetcher:Fetcher.fetched_records",
    "aiokafka.consumer.fetcher:Fetcher._fetch_requests_routine",
    "aiokafka.consumer.fetcher:Fetcher._proc_fetch_request",
    "aiokafka.consumer.fetcher:Fetcher._update_fetch_positions",
    "aiokafka.consumer.fetcher:FetchResult",
    "aiokafka.consumer.fetcher:PartitionRecords",
    "aiokafka.record.memory_records:_MemoryRecordsPy",
    "aiokafka.record.default_records:_DefaultRecordBatchPy",
    "aiokafka.consumer.subscription_state:SubscriptionState",
    "aiokafka.consumer.subscription_state:Subscription",
    "aiokafka.consumer.subscription_state:Assignment",
    "aiokafka.consumer.subscription_state:TopicPartitionState",
    # the group: who we are in it, and its heartbeats
    "aiokafka.consumer.group_coordinator:GroupCoordinator.__init__",
    "aiokafka.consumer.group_coordinator:GroupCoordinator._do_heartbeat",
    "aiokafka.consumer.group_coordinator:GroupCoordinator._heartbeat_routine",
    "aiokafka.consumer.group_coordinator:GroupCoordinator.coordinator_dead",
    "aiokafka.consumer.group_coordinator:GroupCoordinator.ensure_coordinator_known",
    "aiokafka.consumer.group_coordinator:GroupCoordinator._on_join_prepare",
    "aiokafka.consumer.group_coordinator:GroupCoordinator._on_join_complete",
    "faust.app.base:App._on_partitions_assigned",
    "faust.app.base:App._on_partitions_revoked",
    "faust.app.base:App.on_rebalance_start",
    "faust.app.base:App.on_rebalance_end",
    "faust.app.base:App.crash",
    "faust.assignor.partition_assignor:PartitionAssignor",
    "faust.assignor.copartitioned_assignor:CopartitionedAssignor",
    # tables
    "faust.tables.base:Collection.__init__",
    "faust.tables.manager:TableManager.__init__",
    "faust.tables.manager:TableManager.changelog_topics",
    "faust.tables.manager:TableManager.on_actives_ready",
    "faust.tables.manager:TableManager.on_standbys_ready",
    "faust.tables.manager:TableManager._update_channels",
    "mode.services:Service.wait_for_stopped",
    "mode.services:ServiceBase",
    # clients, and their deadlines
    "aiokafka.client:AIOKafkaClient.__init__",
    "aiokafka.client:AIOKafkaClient._get_conn",
    "aiokafka.client:AIOKafkaClient.send",
    "aiokafka.client:AIOKafkaClient._metadata_update",
    "aiokafka.client:AIOKafkaClient.force_metadata_update",
    "aiokafka.conn:AIOKafkaConnection.send",
    "aiokafka.conn:AIOKafkaConnection.close",
    "aiokafka.admin.client:AIOKafkaAdminClient.__init__",
    "aiokafka.admin.client:AIOKafkaAdminClient.describe_configs",
    # the producer, its sender and its batches
    "aiokafka.producer.producer:AIOKafkaProducer.__init__",
    "aiokafka.producer.producer:AIOKafkaProducer.__del__",
    "aiokafka.producer.producer:AIOKafkaProducer.start",
    "aiokafka.producer.producer:AIOKafkaProducer.stop",
    "aiokafka.producer.producer:AIOKafkaProducer.create_batch",
    "aiokafka.producer.producer:AIOKafkaProducer.send_batch",
    "aiokafka.producer.producer:AIOKafkaProducer.begin_transaction",
    "aiokafka.producer.producer:AIOKafkaProducer.commit_transaction",
    "aiokafka.producer.producer:AIOKafkaProducer.abort_transaction",
    "aiokafka.producer.producer:AIOKafkaProducer.send_offsets_to_transaction",
    "aiokafka.producer.sender:BACKOFF_OVERRIDE",
    "aiokafka.producer.sender:Sender",
    "aiokafka.producer.sender:BaseHandler",
    "aiokafka.producer.sender:AddPartitionsToTxnHandler",
    "aiokafka.producer.sender:EndTxnHandler",
    "aiokafka.producer.sender:SendProduceReqHandler",
    "aiokafka.producer.transaction_manager:TransactionManager",
    "aiokafka.producer.message_accumulator:BatchBuilder",
    "aiokafka.producer.message_accumulator:MessageBatch",
    "aiokafka.producer.message_accumulator:MessageAccumulator.add_batch",
    "aiokafka.record.default_records:_DefaultRecordBatchBuilderPy.append",  # the twin of the compiled one
    "aiokafka.record.default_records:DefaultRecordBatchBuilder.append",
    "aiokafka.protocol.api:Request",
    "aiokafka.protocol.api:RequestStruct",
    "aiokafka.protocol.api:Response",
    "aiokafka.protocol.types:TaggedFields",
    "aiokafka.protocol.types:CompactArray",
    "aiokafka.protocol.types:CompactString",
    # the databases
    "rocksdict:Rdict",
    "rocksdict:Rdict.get",
    "rocksdict:Rdict.write",
    "rocksdict:Rdict.items",
    "rocksdict:Rdict.flush",
    "rocksdict:Rdict.close",
    "rocksdict:Rdict.set_write_options",
    "rocksdict:WriteBatch.put",
    "rocksdict:WriteBatch.delete",
    "rocksdict:WriteOptions.disable_wal",
    "rocksdict:ReadOptions.set_iterate_upper_bound",
    "rocksdict:Cache.new_hyper_clock_cache",
    "rocksdict:WriteBufferManager.new_write_buffer_manager_with_cache",
)


def overridden() -> set[str]:
    """Return what classes of the engine define anew, where upstream defines it."""
    found: set[str] = set()
    for path in LANE.glob("*.py"):
        module = importlib.import_module(f"app.lane.{path.stem}")
        for ours in vars(module).values():
            if inspect.isclass(ours) and ours.__module__ == module.__name__:
                found |= {_origin(ours, name) for name in vars(ours)}
    return found - {""}


def _origin(ours: type, name: str) -> str:
    """Return the upstream method that a name of our class hides; empty where there is none."""
    if name.startswith("__") and name not in ("__init__", "__getitem__", "__setitem__"):
        return ""
    for base in ours.__mro__[1:]:
        if (
            base.__module__.split(".")[0] in UPSTREAM
            and callable(getattr(base, name, None))
            and name in vars(base)
        ):
            return f"{base.__module__}:{base.__qualname__}.{name}"
    return ""


def source(name: str) -> str:
    """Return the source of `module:object`, without what makes no difference: indentation, blank lines, comments."""
    found: Any = resolve_name(name)
    if isinstance(found, property):
        found = found.fget
    if isinstance(found, ServiceTask):
        found = found.fun
    if not callable(found):
        return repr(found) if isinstance(found, int | float | str) else str(getattr(found, "__doc__", None))
    return _text(found)


@functools.cache
def _text(found: Any) -> str:
    try:
        text = textwrap.dedent(inspect.getsource(found))
    except (TypeError, OSError):  # compiled
        return f"{getattr(found, '__text_signature__', None)}\n{found.__doc__}"
    lines = (line.rstrip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.lstrip().startswith("#"))


def now() -> dict[str, str]:
    """Return the hash of everything that is pinned, as it is installed."""
    names = sorted({*RELIED_ON, *overridden()})
    return {name: hashlib.sha256(source(name).encode()).hexdigest()[:16] for name in names}


def private_names() -> dict[str, str]:
    """Return the private attributes that the engine uses and does not define itself, and the file of each."""
    used: dict[str, str] = {}
    own: set[str] = set()
    for path in LANE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                own.add(node.name)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                own.add(node.value)  # __slots__
            elif isinstance(node, ast.Attribute) and node.attr[:1] == "_" != node.attr[1:2]:
                if isinstance(node.ctx, ast.Store) and ast.unparse(node.value) in ("self", "cls"):
                    own.add(node.attr)
                else:
                    used.setdefault(node.attr, path.name)
    return {name: file for name, file in used.items() if name not in own}


if __name__ == "__main__":
    FILE.write_text(json.dumps(now(), indent=1) + "\n")
