"""Topics: created where they are missing, and checked where they are there.

A topic that would lose history, or that has another number of partitions, refuses the start. Anything else that
deviates is reported. Faust's own topic declarations are off: it asks only the first broker that it knows.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code

from app.lane import patience
from app.lane.declare import Keep, Topic
from app.lane.reading import OUTAGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from app.lane.config import LaneConfig

log = logging.getLogger(__name__)

_POLICY = {Keep.EVERYTHING: "delete", Keep.LATEST: "compact", Keep.A_WHILE: "delete"}


class WrongTopic(SystemExit):
    """A topic would lose or misplace records. The message names every deviation, one a line."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """One setting that is not as declared. `fatal`: the start is refused."""

    topic: str
    setting: str
    found: str
    wanted: str
    fatal: bool

    def __str__(self) -> str:
        kind = "refused" if self.fatal else "warning"
        return f"{kind}: topic {self.topic}: {self.setting} is {self.found}, and must be {self.wanted}"


def settings_of(topic: Topic, config: LaneConfig) -> dict[str, str]:
    """Return the topic configuration that a topic is created with."""
    settings = {
        "cleanup.policy": _POLICY[topic.keep],
        "min.insync.replicas": str(config.min_insync),
        "unclean.leader.election.enable": "false",
        "max.message.bytes": str(max(1_048_588, config.max_record_bytes + 2048)),
        **topic.settings,
    }
    if topic.keep is not Keep.LATEST:
        kept = -1 if topic.retention is None else int(topic.retention.total_seconds() * 1000)
        settings |= {"retention.ms": str(kept), "retention.bytes": "-1"}
    return settings


def deviations(
    topic: Topic, config: LaneConfig, partitions: int, replication: int, found: dict[str, str]
) -> list[Deviation]:
    """Compare a topic as the brokers describe it with its declaration. Pure."""
    result = []
    if partitions != config.partitions:
        result.append(
            Deviation(topic.name, "number of partitions", str(partitions), str(config.partitions), fatal=True)
        )
    if replication < config.replication:
        result.append(
            Deviation(
                topic.name,
                "replication factor",
                str(replication),
                f"at least {config.replication}",
                fatal=True,
            )
        )
    for name, wanted in settings_of(topic, config).items():
        value = found.get(name, "")
        if value != wanted and not _longer(name, value, wanted):
            result.append(Deviation(topic.name, name, value, wanted, fatal=_fatal(topic, name)))
    return result


def _longer(name: str, value: str, wanted: str) -> bool:
    """Keeping more, or writing to more replicas, than declared is no deviation."""
    if name == "retention.ms":
        return wanted != "-1" and (value == "-1" or int(value or 0) > int(wanted))
    return name in {"max.message.bytes", "min.insync.replicas"} and int(value or 0) >= int(wanted)


def _fatal(topic: Topic, name: str) -> bool:
    if name in {
        "cleanup.policy",
        "max.message.bytes",
        "min.insync.replicas",
        "unclean.leader.election.enable",
    }:
        return True
    return name in {"retention.ms", "retention.bytes"} and topic.keep is Keep.EVERYTHING


async def ensure_topics(config: LaneConfig, topics: Sequence[Topic]) -> list[Deviation]:
    """Create what is missing, then check everything. Raises WrongTopic; waits for brokers that are not there yet."""
    while True:
        try:
            async with asyncio.timeout(30):
                return await _ensure(config, topics)
        except OUTAGE as error:
            log.warning("waiting for the brokers at %s: %r", ",".join(config.bootstrap), error)
            await asyncio.sleep(0.5)


async def _ensure(config: LaneConfig, topics: Sequence[Topic]) -> list[Deviation]:
    admin = _admin(config)
    try:
        await admin.start()
        there = set(await admin.list_topics())
        missing = [topic for topic in topics if topic.name not in there]
        if missing:
            await _create(admin, config, missing)
        found = await check(admin, config, topics)
    finally:
        await admin.close()
    for deviation in found:
        log.warning("%s", deviation)
    if fatal := [str(deviation) for deviation in found if deviation.fatal]:
        raise WrongTopic("\n".join(fatal))
    return found


async def _create(admin: AIOKafkaAdminClient, config: LaneConfig, missing: Iterable[Topic]) -> None:
    new = [
        NewTopic(t.name, config.partitions, config.replication, topic_configs=settings_of(t, config))
        for t in missing
    ]
    answer = await admin.create_topics(new)
    for name, code, *message in answer.topic_errors:
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:  # another worker was quicker
            raise error(f"cannot create topic {name}: {message}")
    log.info("created topics %s", ", ".join(topic.name for topic in new))


async def check(admin: AIOKafkaAdminClient, config: LaneConfig, topics: Sequence[Topic]) -> list[Deviation]:
    """Return all deviations of existing topics."""
    described = {t["topic"]: t for t in await admin.describe_topics([topic.name for topic in topics])}
    settings = await _settings(admin, topics)
    found: list[Deviation] = []
    for topic in topics:
        partitions = described[topic.name]["partitions"]
        if not partitions or described[topic.name]["error_code"]:
            raise OSError(f"topic {topic.name} has no partitions yet")  # just created: ask again
        replication = min(len(p["replicas"]) for p in partitions)
        found += deviations(topic, config, len(partitions), replication, settings[topic.name])
    return found


async def _settings(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> dict[str, dict[str, str]]:
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, t.name) for t in topics])
    settings: dict[str, dict[str, str]] = {}
    for answer in answers:
        for code, message, _, name, entries in answer.resources:
            if code:  # a broker that has not heard of the topic yet, for one: ask again
                raise for_code(code)(f"{name}: {message}")
            settings[name] = {entry[0]: entry[1] for entry in entries}
    return settings


def _admin(config: LaneConfig) -> AIOKafkaAdminClient:
    admin: Any = AIOKafkaAdminClient(
        bootstrap_servers=list(config.bootstrap), request_timeout_ms=int(config.request_timeout * 1000)
    )
    patience.limit(admin._client)  # noqa: SLF001 - aiokafka has no setting for it
    return admin
