"""`python -m app topics`: what each topic is, and what it should be.

Exit codes: 0 as declared, 1 not as declared (what is wrong is listed), 2 a setting is wrong, 4 Kafka not
reached.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from app.lane.admin import Deviation
    from app.lane.config import LaneConfig
    from app.lane.declare import Topic

AS_DECLARED, NOT_AS_DECLARED, WRONG_SETTING, UNREACHABLE = 0, 1, 2, 4
PATIENCE = 20.0  # seconds for everything that is asked of Kafka

Answer = TypeVar("Answer")


@click.group(
    epilog="Exit codes: 0 as declared, 1 not as declared, 2 a setting is wrong, 4 Kafka not reached."
)
def topics() -> None:
    """List, create or check the topics of this application."""


@topics.command("list")
def list_topics() -> None:
    """Print every topic with the settings that it is created with. Asks nobody."""
    from app.lane.admin import settings_of  # noqa: PLC0415 - aiokafka takes a while to import

    config, declared = _declared()
    for topic in declared:
        click.echo(f"{topic.name}  partitions={config.partitions} replication={config.replication}")
        for name, value in sorted(settings_of(topic, config).items()):
            click.echo(f"    {name}={value}")


@topics.command()
def create() -> None:
    """Create the topics that are missing, then check all of them."""
    from app.lane.admin import WrongTopic, ensure_topics  # noqa: PLC0415 - see above

    config, declared = _declared()
    missing, _ = _asked(config, _compare(config, declared))
    try:
        found = _asked(config, ensure_topics(config, declared))
    except WrongTopic as wrong:
        click.echo(wrong)
        raise SystemExit(NOT_AS_DECLARED) from None
    for name in missing:
        click.echo(f"created: topic {name}")
    raise SystemExit(_told(found, declared))


@topics.command()
def check() -> None:
    """Compare the topics with their declaration. Changes nothing."""
    config, declared = _declared()
    missing, found = _asked(config, _compare(config, declared))
    for name in missing:
        click.echo(f"missing: topic {name}: make it with `python -m app topics create`, or start a worker")
    told = _told(found, declared)
    raise SystemExit(NOT_AS_DECLARED if missing else told)


async def _compare(config: LaneConfig, declared: Sequence[Topic]) -> tuple[list[str], list[Deviation]]:
    from aiokafka.admin import AIOKafkaAdminClient  # noqa: PLC0415 - see above

    from app.lane.admin import check as compare  # noqa: PLC0415 - see above

    admin = AIOKafkaAdminClient(bootstrap_servers=list(config.bootstrap))
    try:
        await admin.start()
        there = set(await admin.list_topics())
        present = [topic for topic in declared if topic.name in there]
        found = await compare(admin, config, present) if present else []
        return [topic.name for topic in declared if topic.name not in there], found
    finally:
        await admin.close()


def _declared() -> tuple[LaneConfig, Sequence[Topic]]:
    """Return every topic: those of app/topics.py, and the internal ones of the engine."""
    try:
        from app.main import app  # noqa: PLC0415 - Faust takes a second to import
    except SystemExit as wrong:
        click.echo(wrong, err=True)
        raise SystemExit(WRONG_SETTING) from None
    return app.lanes.config, app.lanes.plan.topics


def _asked(config: LaneConfig, question: Coroutine[Any, Any, Answer]) -> Answer:
    from aiokafka.errors import KafkaError  # noqa: PLC0415 - see above

    async def in_time() -> Answer:
        async with asyncio.timeout(PATIENCE):
            return await question

    for noisy in ("aiokafka", "app.lane.admin"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)  # what goes wrong is said once, by us
    try:
        return asyncio.run(in_time())
    except (KafkaError, OSError, TimeoutError) as wrong:
        where = ",".join(config.bootstrap)
        click.echo(f"Kafka at {where} does not answer: set KAFKA_URL, or start it ({wrong!r})", err=True)
        raise SystemExit(UNREACHABLE) from None


def _told(found: Sequence[Deviation], declared: Sequence[Topic]) -> int:
    for deviation in found:
        click.echo(deviation)
    if not found:
        click.echo(f"{len(declared)} topics declared; those that are there are as declared")
    return NOT_AS_DECLARED if any(deviation.fatal for deviation in found) else AS_DECLARED
