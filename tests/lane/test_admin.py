"""Topics that would lose history refuse the start; what else deviates is told. One line each."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from app.lane.admin import Deviation, deviations, settings_of
from app.lane.declare import Keep, Topic
from tests.lane.depot import PARTITIONS, depot_config

CONFIG = depot_config(Path("unused"), replication=3, min_insync=2)
EVENTS = Topic("events", Keep.EVERYTHING, settings={"message.timestamp.type": "LogAppendTime"})
COMMANDS = Topic("commands", Keep.A_WHILE, timedelta(days=7))
CHANGELOG = Topic("changelog", Keep.LATEST)
WEEK = str(7 * 86_400_000)


def look(topic: Topic, partitions: int = PARTITIONS, replication: int = 3, **changed: str) -> list[Deviation]:
    """Compare a topic that is as declared but for what changed (underscores are dots)."""
    found = settings_of(topic, CONFIG) | {name.replace("_", "."): value for name, value in changed.items()}
    return deviations(topic, CONFIG, partitions, replication, found)


def test_a_topic_is_created_with_what_it_is_checked_against() -> None:
    assert settings_of(EVENTS, CONFIG) == {
        "cleanup.policy": "delete",
        "retention.ms": "-1",
        "retention.bytes": "-1",
        "min.insync.replicas": "2",
        "unclean.leader.election.enable": "false",
        "max.message.bytes": "1048588",
        "message.timestamp.type": "LogAppendTime",
    }
    assert settings_of(COMMANDS, CONFIG)["retention.ms"] == WEEK
    assert settings_of(CHANGELOG, CONFIG)["cleanup.policy"] == "compact"
    assert "retention.ms" not in settings_of(CHANGELOG, CONFIG)


@pytest.mark.parametrize("topic", [EVENTS, COMMANDS, CHANGELOG])
def test_a_topic_as_declared_has_no_deviation(topic: Topic) -> None:
    assert look(topic) == []


@pytest.mark.parametrize(
    ("deviating", "line"),
    [
        (
            look(EVENTS, cleanup_policy="compact"),
            "refused: topic events: cleanup.policy is compact, and must be delete",
        ),
        (
            look(EVENTS, retention_ms=WEEK),
            f"refused: topic events: retention.ms is {WEEK}, and must be -1",
        ),
        (
            look(EVENTS, retention_bytes="1000"),
            "refused: topic events: retention.bytes is 1000, and must be -1",
        ),
        (
            look(CHANGELOG, cleanup_policy="delete"),
            "refused: topic changelog: cleanup.policy is delete, and must be compact",
        ),
        (
            look(CHANGELOG, cleanup_policy="compact,delete"),
            "refused: topic changelog: cleanup.policy is compact,delete, and must be compact",
        ),
        (
            look(COMMANDS, replication=1),
            "refused: topic commands: replication factor is 1, and must be at least 3",
        ),
        (
            look(COMMANDS, unclean_leader_election_enable="true"),
            "refused: topic commands: unclean.leader.election.enable is true, and must be false",
        ),
        (
            look(COMMANDS, min_insync_replicas="1"),
            "refused: topic commands: min.insync.replicas is 1, and must be 2",
        ),
        (
            look(CHANGELOG, max_message_bytes="1000"),
            "refused: topic changelog: max.message.bytes is 1000, and must be 1048588",
        ),
        (look(EVENTS, partitions=8), "refused: topic events: number of partitions is 8, and must be 4"),
        (look(EVENTS, partitions=2), "refused: topic events: number of partitions is 2, and must be 4"),
        (
            look(EVENTS, message_timestamp_type="CreateTime"),
            "warning: topic events: message.timestamp.type is CreateTime, and must be LogAppendTime",
        ),
        (
            look(COMMANDS, retention_ms="1000"),
            f"warning: topic commands: retention.ms is 1000, and must be {WEEK}",
        ),
        (
            look(COMMANDS, retention_bytes="1000"),
            "warning: topic commands: retention.bytes is 1000, and must be -1",
        ),
    ],
)
def test_each_deviation_is_one_line_and_what_loses_history_refuses_the_start(
    deviating: list[Deviation], line: str
) -> None:
    assert [str(one) for one in deviating] == [line]
    assert [one.fatal for one in deviating] == [line.startswith("refused")]


def test_all_deviations_are_told_at_once() -> None:
    lines = [str(one) for one in look(EVENTS, partitions=8, replication=1, cleanup_policy="compact")]
    assert len(lines) == 3


def test_a_setting_that_the_broker_does_not_tell_is_a_deviation() -> None:
    assert [one.setting for one in deviations(CHANGELOG, CONFIG, PARTITIONS, 3, {})] == [
        "cleanup.policy",
        "min.insync.replicas",
        "unclean.leader.election.enable",
        "max.message.bytes",
    ]


@pytest.mark.parametrize(
    "more",
    [
        look(COMMANDS, retention_ms="-1"),
        look(COMMANDS, retention_ms=WEEK + "0"),
        look(COMMANDS, replication=4),
        look(COMMANDS, min_insync_replicas="3"),
        look(COMMANDS, max_message_bytes="2000000"),
    ],
)
def test_keeping_more_than_declared_is_no_deviation(more: list[Deviation]) -> None:
    assert more == []


def test_a_topic_takes_the_largest_record_that_we_write() -> None:
    large = depot_config(Path("unused"), max_record_bytes=5_000_000)
    assert int(settings_of(EVENTS, large)["max.message.bytes"]) > 5_000_000
