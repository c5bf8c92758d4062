"""What `python -m app` says and how it ends, as far as that needs no broker."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from app.__main__ import main
from app.main import app
from app.settings import Settings
from app.topics import COMMAND_TOPICS, TOPICS
from app.wire.contracts import CONTRACTS
from tests.running import free_port

if TYPE_CHECKING:
    from pathlib import Path

LINE = {"line_id": "1", "sku": "tea", "quantity": 2, "unit_price": 350, "line_total": 700}
DATA = {
    "placed_at": "2026-11-25T08:00:00Z",
    "currency": "EUR",
    "lines": [LINE],
    "totals": {"goods": 700, "total": 700},
}
EVENT = {
    "specversion": "1.0",
    "id": "cmd-1",
    "source": "/shop",
    "type": "place-order.v1",
    "subject": "o-1",
    "data": DATA,
}


def run(*arguments: str, stdin: Any = None) -> Result:
    given = stdin if isinstance(stdin, str) else json.dumps(stdin)
    return CliRunner().invoke(main, arguments, input=given, catch_exceptions=False)


@pytest.fixture
def no_kafka(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("KAFKA_URL", url := f"127.0.0.1:{free_port()}")
    return url


@pytest.mark.parametrize(
    "command", [(), ("worker",), ("effects",), ("settings",), ("send",), ("topics",), ("replay",)]
)
def test_every_command_explains_itself(command: tuple[str, ...]) -> None:
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "sage:" in result.stdout


def test_settings_lists_every_variable() -> None:
    result = run("settings")
    assert result.exit_code == 0
    for name in Settings.model_fields:
        assert name.upper() in result.stdout


def test_topics_list_shows_every_topic_of_ours_and_of_the_engine() -> None:
    result = run("topics", "list")
    assert result.exit_code == 0
    for topic in TOPICS:
        assert f"{topic.name}  partitions=" in result.stdout
    assert "-rows  partitions=" in result.stdout


def test_topics_without_kafka_end_with_one_line(no_kafka: str, monkeypatch: pytest.MonkeyPatch) -> None:
    config = dataclasses.replace(app.lanes.config, bootstrap=(no_kafka,))
    monkeypatch.setattr(app.lanes, "config", config)
    for command in ("check", "create"):
        result = run("topics", command)
        assert result.exit_code == 4
        assert result.stderr.startswith(f"Kafka at {no_kafka} does not answer")
        assert len(result.stderr.splitlines()) == 1


def test_what_is_not_json_is_invalid() -> None:
    result = run("send", "place-order.v1", "--subject", "o-1", "--file", "-", stdin="[1")
    assert result.exit_code == 2
    assert "not JSON" in result.stderr


def test_data_alone_needs_the_id_of_its_order() -> None:
    result = run("send", "place-order.v1", "--file", "-", stdin=DATA)
    assert result.exit_code == 2
    assert "--subject" in result.stderr


def test_every_fault_of_the_data_is_named() -> None:
    line = LINE | {"quantity": 0, "unit_price": 3.5}
    result = run("send", "place-order.v1", "--subject", "o-1", "--file", "-", stdin={**DATA, "lines": [line]})
    assert result.exit_code == 2
    named = {line.partition(":")[0] for line in result.stderr.splitlines()}
    assert named == {"/data/lines/0/quantity", "/data/lines/0/unit_price"}


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"type": "cancel-order.v1"}, "/type"),
        ({"subject": " o-1"}, "/subject"),
        ({"id": ""}, "/id"),
        ({"source": None}, "/source"),
        ({"expectedversion": -1}, "/expectedversion"),
    ],
)
def test_every_fault_of_a_whole_cloudevent_is_named(changed: dict[str, Any], named: str) -> None:
    result = run("send", "place-order.v1", "--file", "-", stdin=EVENT | changed)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{named}:")


def test_commands_of_every_aggregate_are_checked_by_their_own_contract(no_kafka: str) -> None:
    receipt = {"receipt_id": "r-1", "quantity": 5, "at": "2026-03-01T12:00:00Z"}
    right = run("send", "receive-stock.v1", "--subject", "tea@north", "--file", "-", stdin=receipt)
    assert right.exit_code == 4, "it was to be sent"
    assert no_kafka in right.stderr
    wrong = run("send", "receive-stock.v1", "--subject", "x", "--file", "-", stdin=receipt | {"quantity": 0})
    assert (wrong.exit_code, wrong.stderr.partition(":")[0]) == (2, "/data/quantity")


def test_every_contract_has_a_topic_for_its_commands() -> None:
    assert set(COMMAND_TOPICS) == {contract.source for contract in CONTRACTS}
    assert set(COMMAND_TOPICS.values()) <= set(TOPICS)


def test_an_unknown_type_is_answered_with_those_that_exist() -> None:
    result = run("send", "place-ordr.v1", "--subject", "o-1", "--file", "-", stdin=DATA)
    assert result.exit_code == 2
    assert "place-order.v1" in result.stderr


def test_the_options_are_put_over_the_file(no_kafka: str, tmp_path: Path) -> None:
    file = tmp_path / "order.json"
    file.write_text(json.dumps(EVENT | {"subject": " wrong", "expectedversion": -1}))
    fixed = ("--subject", "o-2", "--expected-version", "0")
    result = run("send", "place-order.v1", "--file", str(file), *fixed)
    assert result.exit_code == 4, "what the file had wrong was replaced: the command is valid now"
    assert no_kafka in result.stderr


def test_without_kafka_one_line_says_so(no_kafka: str) -> None:
    result = run("send", "place-order.v1", "--subject", "o-1", "--file", "-", stdin=DATA)
    assert result.exit_code == 4
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        f"Kafka at {no_kafka} does not answer: set KAFKA_URL, or start it",
    ]


def test_a_wrong_setting_is_no_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTITIONS", "many")
    result = run("send", "place-order.v1", "--subject", "o-1", "--file", "-", stdin=DATA)
    assert result.exit_code == 2
    assert "PARTITIONS" in result.stderr
