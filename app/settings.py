"""Every setting: its environment variable, unit, default and meaning.

A setting's variable is its name in capitals. An empty variable counts as not set. A wrong value ends the
start with one line that names the variable, the value and what is right.
"""

from __future__ import annotations

import logging
import re
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Unit:
    """What a number counts. Printed by `describe`, not checked."""

    name: str


def _nodes(value: str) -> str:
    """Return the value, when it is `host:port[,host:port]`."""
    for node in value.split(","):
        host, _, port = node.rpartition(":")
        named = re.fullmatch(r"[\w.-]+|\[[\da-fA-F:]+\]", host)
        if not named or not port.isdecimal() or not 0 < int(port) < 2**16:
            raise ValueError("must be host:port, or several of them with commas between")
    return value


def _web_url(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+", value):
        raise ValueError("must be http://host:port, without a path")
    return value


def _shop(value: str) -> str:
    """Return the value, when it is a domain as `Shop` of app/intake wants it, or empty."""
    if not re.fullmatch(r"([a-z0-9][a-z0-9.-]{0,79})?", value):
        raise ValueError("must be a domain: letters a to z, digits, dots and hyphens")
    return value


def _names(value: str) -> str:
    """Return the value, when it is names with commas between. Whether there are such agents, app.main knows."""
    if not re.fullmatch(r"([a-z][a-z0-9-]*(, *[a-z][a-z0-9-]*)*)?", value):
        raise ValueError("must be names of agents with commas between")
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be a time zone of IANA, such as Europe/Vienna") from None
    return value


Nodes = Annotated[str, AfterValidator(_nodes)]
WebUrl = Annotated[str, AfterValidator(_web_url)]
AgentNames = Annotated[str, AfterValidator(_names)]
ShopName = Annotated[str, AfterValidator(_shop)]
Zone = Annotated[str, AfterValidator(_zone)]
Seconds = Annotated[float, Field(gt=0, le=3600), Unit("s")]
Milliseconds = Annotated[int, Field(ge=1, le=60_000), Unit("ms")]
Bytes = Annotated[int, Field(ge=1024), Unit("bytes")]
Port = Annotated[int, Field(ge=1, le=65535)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,100}$")]  # what Kafka allows in topic and group names


def _default_worker_id(known: dict[str, Any]) -> str:
    return f"{socket.gethostname()}-{known['web_port']}"


def _default_data_dir(known: dict[str, Any]) -> Path:
    return Path(".run/data", known["worker_id"])


def _default_web_url(known: dict[str, Any]) -> str:
    everywhere = known["web_host"] in ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
    host = socket.gethostname() if everywhere else known["web_host"]
    return f"http://{f'[{host}]' if ':' in host else host}:{known['web_port']}"


class Settings(BaseSettings):
    """What one worker, and each command of `python -m app`, runs with."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_ignore_empty=True, validate_default=True
    )

    kafka_url: Nodes = Field(
        "127.0.0.1:9092", description="brokers: host:port with commas between; name all nodes"
    )
    app_id: Name = Field("orderlane", description="consumer group, and prefix of the internal topics")
    agents: AgentNames = Field(
        "", description="agents that run, with commas between; all when empty; the same on every worker"
    )
    partitions: int = Field(8, ge=1, le=10_000, description="of every topic; it cannot change later")
    replication_factor: int = Field(1, ge=1, le=9, description="of every topic; 3 in production")
    min_insync_replicas: int = Field(1, ge=1, le=9, description="of every topic; 2 in production")
    outcome_retention_days: Annotated[int, Unit("days")] = Field(
        7, ge=1, le=3650, description="how long a repeated command id is recognised"
    )
    max_record_bytes: Annotated[int, Unit("bytes")] = Field(
        900_000, ge=32_768, description="largest record that a cycle writes; below the broker's own"
    )

    web_host: str = Field("127.0.0.1", min_length=1, description="address that the HTTP server listens on")
    web_port: Port = Field(6066, description="port that the HTTP server listens on")
    web_url: WebUrl = Field(
        default_factory=_default_web_url, description="where the other workers reach this one"
    )
    worker_id: Name = Field(
        default_factory=_default_worker_id,
        description="stable and unique: the group's instance id, the transactional id, the data's folder",
    )
    data_dir: Path = Field(
        default_factory=_default_data_dir, description="folder of this worker's RocksDB files"
    )

    standby_replicas: int = Field(1, ge=0, le=8, description="warm copies of each table on other workers")
    session_timeout: Seconds = Field(
        6.0, description="silence after which the group gives our partitions away"
    )
    heartbeat_interval: Seconds = Field(
        1.0, description="between two heartbeats; at most a third of the session"
    )
    lost_grace: Seconds = Field(
        60.0, description="without any assignment before a worker exits to be restarted"
    )
    stuck_after: Seconds = Field(
        60.0, description="with work and without a commit, after which /livez says that a partition is stuck"
    )
    request_timeout: Seconds = Field(5.0, description="for one request to a broker")
    transaction_timeout: Seconds = Field(
        6.0, description="after which the broker aborts a transaction left open"
    )
    transaction_deadline: Seconds = Field(
        10.0, description="for a whole transaction; then the producer is rebuilt"
    )

    cycle_records: int = Field(4000, ge=1, le=100_000, description="records that one cycle takes at most")
    cycle_bytes: Bytes = Field(8 * 2**20, description="bytes of records that one cycle takes at most")
    slice_ms: Milliseconds = Field(1, description="for handlers before HTTP gets its turn")
    lane_records: int = Field(
        8000, ge=1, le=1_000_000, description="waiting records at which a lane stops fetching"
    )
    fetch_wait_ms: Milliseconds = Field(
        100, description="after which a broker that has nothing new answers a fetch"
    )

    stripe_url: WebUrl = Field("https://api.stripe.com", description="Stripe's API, or what speaks like it")
    stripe_api_key: SecretStr = Field(
        SecretStr(""), description="secret key of Stripe's API; without it, what is asked of Stripe waits"
    )
    stripe_webhook_secret: SecretStr = Field(
        SecretStr(""), description="signing secret of /webhooks/stripe; without it, nothing is taken there"
    )
    stripe_webhook_tolerance: Seconds = Field(
        300.0, description="age of a signature at /webhooks/stripe, at most"
    )
    effects_calls: int = Field(
        32, ge=1, le=1000, description="calls to one payment provider at a time, of one effects agent"
    )
    effects_ahead: int = Field(
        1000,
        ge=1,
        le=100_000,
        description="records that a partition goes on beyond a payment that waits for its provider",
    )

    shopify_shop: ShopName = Field(
        "", description="domain of the shop whose orders /webhooks/shopify takes: name.myshopify.com"
    )
    shopify_webhook_secret: SecretStr = Field(
        SecretStr(""), description="client secret of the shop's app; without it, nothing is taken there"
    )
    shopify_former_secret: SecretStr = Field(
        SecretStr(""), description="the secret before it, which signs too while it is changed"
    )
    woocommerce_shop: ShopName = Field(
        "", description="domain of the shop whose orders /webhooks/woocommerce takes"
    )
    woocommerce_webhook_secret: SecretStr = Field(
        SecretStr(""), description="secret of the shop's webhook; without it, nothing is taken there"
    )
    woocommerce_former_secret: SecretStr = Field(
        SecretStr(""), description="the secret before it, which signs too while it is changed"
    )
    shop_zone: Zone = Field("UTC", description="time zone of both shops: it decides the day of an order")
    shop_test_orders: bool = Field(False, description="take orders by which a shop tests itself")  # noqa: FBT003
    shop_fulfilled_orders: bool = Field(
        False,  # noqa: FBT003 - pydantic's signature
        description="take orders whose goods left already, where we do not ship",
    )

    memory_mb: Annotated[int, Unit("MiB")] = Field(
        128,
        ge=16,
        le=1_000_000,
        description="block cache and write buffers of all RocksDB databases together",
    )
    row_cache: int = Field(20_000, ge=0, le=10_000_000, description="decoded rows kept in memory")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="least level that is logged"
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        """Refuse values that are right one by one but not together."""
        rules = (
            ("min_insync_replicas", 1, "", "replication_factor"),
            ("heartbeat_interval", 3, "a third of ", "session_timeout"),
            ("transaction_timeout", 1, "", "transaction_deadline"),
            ("transaction_deadline", 1, "", "stuck_after"),
            ("max_record_bytes", 1, "", "cycle_bytes"),
        )
        for small, times, share, large in rules:
            value, bound = getattr(self, small), getattr(self, large)
            if value * times > bound:
                raise ValueError(f"{small.upper()}={value}: must be at most {share}{large.upper()}={bound}")
        return self

    @property
    def log_level_number(self) -> int:
        """Return the level as the logging module counts."""
        return logging.getLevelNamesMapping()[self.log_level.upper()]


def load() -> Settings:
    """Read the environment. Raises SystemExit with one line for the first wrong value."""
    try:
        return Settings()
    except ValidationError as wrong:
        raise SystemExit(_one_line(wrong)) from None


def describe(settings: Settings) -> Iterator[str]:
    """Yield one line a setting: variable, value, unit, meaning and default."""
    shown = [(name.upper(), str(getattr(settings, name)), name) for name in Settings.model_fields]
    wide = max(len(variable) for variable, _, _ in shown)
    value_wide = max(len(f"{value} {_unit(name)}") for _, value, name in shown)
    for variable, value, name in shown:
        field = Settings.model_fields[name]
        default = (
            "made from the others" if field.default_factory else f"default {str(field.default) or 'none'}"
        )
        yield f"{variable:{wide}}  {f'{value} {_unit(name)}':{value_wide}}  {field.description} ({default})"


def _unit(name: str) -> str:
    return next((mark.name for mark in Settings.model_fields[name].metadata if isinstance(mark, Unit)), "")


def _one_line(wrong: ValidationError) -> str:
    first = wrong.errors()[0]
    reason = re.sub("^(Input|String) should", "must", first["msg"].removeprefix("Value error, "))
    if not first["loc"]:  # a rule of several settings: the reason names them
        return f"orderlane: {reason}"
    name = str(first["loc"][0])
    meaning = Settings.model_fields[name].description if name in Settings.model_fields else "no such setting"
    return f"orderlane: {name.upper()}={first['input']}: {reason} ({meaning})"
