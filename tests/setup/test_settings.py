"""Settings: every one is described, and a wrong value is one line that says what is right."""

import re
from pathlib import Path

import pytest

from app.settings import Settings, describe, load


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("WEB_PORT", "abc", "must be a valid integer"),
        ("WEB_PORT", "70000", "must be less than or equal to 65535"),
        ("KAFKA_URL", "localhost", "must be host:port"),
        ("KAFKA_URL", "kafka://a:9092", "must be host:port"),
        ("KAFKA_URL", "a:9092,b:0", "must be host:port"),
        ("WORKER_ID", "a b", "must match pattern"),
        ("WEB_URL", "worker-1:6066", "must be http://host:port"),
        ("LOG_LEVEL", "loud", "must be 'debug', 'info', 'warning' or 'error'"),
        ("AGENTS", "decide orders", "must be names of agents with commas between"),
        ("SESSION_TIMEOUT", "0", "must be greater than 0"),
        ("SESSION_TIMEOUT", "nan", "must be"),
    ],
)
def test_a_wrong_value_is_one_line_with_variable_value_and_reason(
    variable: str, value: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SystemExit) as end:
        load()
    line = str(end.value)
    assert line.startswith(f"orderlane: {variable}={value}: ")
    assert expected in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("MIN_INSYNC_REPLICAS", "2", "MIN_INSYNC_REPLICAS=2: must be at most REPLICATION_FACTOR=1"),
        ("SESSION_TIMEOUT", "2", "HEARTBEAT_INTERVAL=1.0: must be at most a third of SESSION_TIMEOUT=2.0"),
        ("TRANSACTION_DEADLINE", "5", "TRANSACTION_TIMEOUT=6.0: must be at most TRANSACTION_DEADLINE=5.0"),
        ("STUCK_AFTER", "9", "TRANSACTION_DEADLINE=10.0: must be at most STUCK_AFTER=9.0"),
        ("CYCLE_BYTES", "100000", "MAX_RECORD_BYTES=900000: must be at most CYCLE_BYTES=100000"),
    ],
)
def test_values_that_contradict_each_other_are_named_together(
    variable: str, value: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SystemExit, match=f"^orderlane: {expected}$"):
        load()


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_PORT", "")
    assert load().web_port == 6066


def test_what_is_not_set_is_made_from_what_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKER_ID", "worker-7")
    monkeypatch.setenv("WEB_HOST", "10.0.0.7")
    settings = load()
    assert settings.data_dir == Path(".run/data/worker-7")
    assert settings.web_url == "http://10.0.0.7:6066"


def test_a_worker_that_listens_everywhere_is_reached_by_its_host_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.settings.socket.gethostname", lambda: "pod-3")
    monkeypatch.setenv("WEB_HOST", "0.0.0.0")  # noqa: S104 - a value, not bound
    assert load().web_url == "http://pod-3:6066"
    assert load().worker_id == "pod-3-6066"


def test_every_setting_is_printed_with_its_meaning_and_default() -> None:
    lines = list(describe(load()))
    assert [line.split()[0] for line in lines] == [name.upper() for name in Settings.model_fields]
    assert any(re.match(r"SESSION_TIMEOUT +6\.0 s +silence .*\(default 6\.0\)", line) for line in lines)
    assert all("(default " in line or "(made from the others)" in line for line in lines)
    assert all(field.description for field in Settings.model_fields.values())


def test_settings_cannot_change_while_running() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load().partitions = 9  # type: ignore[misc] # that is what the test is about


def test_a_secret_is_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_API_KEY", "sk_live_1")
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_1")
    assert not [line for line in describe(load()) if "sk_live" in line or "whsec" in line]
    assert load().stripe_api_key.get_secret_value() == "sk_live_1"
