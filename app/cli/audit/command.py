"""`python -m app audit`: everything that can be recomputed from the events, recomputed and compared.

Exit codes: 0 nothing differs, 1 something does, 2 it could not be done (a line says why).
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from app.cli.audit.auditing import Result
    from app.settings import Settings

CLEAN, DIFFERENT, IMPOSSIBLE = 0, 1, 2


@click.command(
    epilog="Exit codes: 0 nothing differs, 1 something does, 2 it could not be done (a line says why)."
)
@click.option("--quiet", is_flag=True, help="Nobody sends anything: judge also what changed a moment ago.")
@click.option("--limit", default=200, show_default=True, metavar="N", help="Differences that are printed.")
def audit(*, quiet: bool, limit: int) -> None:
    """Recompute stock, money, returns, carts and every list from the events, and print what differs.

    Reads the topics of events up to now, and the changelogs of the tables. It needs no worker, and writes nothing.
    What work is under way on is in flight: it is counted, and not wrong.
    """
    from app.settings import load  # noqa: PLC0415 - `--help` needs none of it

    try:
        settings = load()
    except SystemExit as wrong:
        click.echo(wrong, err=True)
        raise SystemExit(IMPOSSIBLE) from None
    result = _run(settings, quiet=quiet)
    for line in report(result, limit):
        click.echo(line)
    raise SystemExit(CLEAN if result.clean else DIFFERENT)


def _run(settings: Settings, *, quiet: bool) -> Result:
    from app.lane.reading import OUTAGE  # noqa: PLC0415 - aiokafka takes a while to import
    from app.wire.events import UnknownEvent  # noqa: PLC0415 - see above

    for noisy in ("aiokafka", "app.lane.reading"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)  # what goes wrong is said once, by us
    try:
        return asyncio.run(audited(settings, quiet=quiet))
    except OUTAGE as wrong:
        click.echo(
            f"Kafka at {settings.kafka_url} does not answer: set KAFKA_URL, or start it ({wrong!r})", err=True
        )
    except MissingTopics as missing:
        click.echo(missing, err=True)
    except UnknownEvent as unknown:
        click.echo(f"{unknown}: audit with the release that wrote it", err=True)
    raise SystemExit(IMPOSSIBLE)


class MissingTopics(Exception):  # noqa: N818 - it says what is so
    """There is nothing to audit on this cluster, or it has other partitions."""


async def audited(settings: Settings, *, quiet: bool) -> Result:
    """Audit what the settings name. Raises MissingTopics, UnknownEvent, and what an outage looks like."""
    from app.cli.audit.auditing import EVENTS, TABLES, Audit  # noqa: PLC0415 - see above
    from app.cli.audit.reading import KafkaSource, missing  # noqa: PLC0415 - see above
    from app.lane.plan import Plan  # noqa: PLC0415 - see above
    from app.main import AGENTS, lane_config  # noqa: PLC0415 - Faust takes a second to import
    from app.topics import DEAD_LETTERS  # noqa: PLC0415 - see above

    config = lane_config(settings)
    plan = Plan(config, AGENTS, DEAD_LETTERS)
    wanted = dict.fromkeys([*EVENTS, *[plan.changelog[table] for table in TABLES]])
    if absent := await missing(config, wanted):
        names = ", ".join(absent)
        raise MissingTopics(
            f"no topic {names} with {config.partitions} partitions: see APP_ID and PARTITIONS"
        )
    source = await KafkaSource.at_now(config, plan, EVENTS)
    return await Audit(source, int(time.time() * 1000), quiet=quiet).run(_say)


def _say(line: str) -> None:
    click.echo(f"reading {line}", err=True)


def report(result: Result, limit: int) -> list[str]:
    """Return what is printed: differences, what is in flight, and a summary."""
    findings, lines = result.findings, []
    lines += [str(each) for each in findings.differences[:limit]]
    if len(findings.differences) > limit:
        lines.append(f"... and {len(findings.differences) - limit} more")
    lines += [f"in flight  {of}: {why}" for of, why in list(findings.flying.items())[:limit]]
    if len(findings.flying) > limit:
        lines.append(f"... and {len(findings.flying) - limit} more in flight")
    lines += [f"{value:>16,}  {name}" for name, value in sorted(result.counts.items())]
    lines += [f"{value:>16,}  {name}" for name, value in sorted(result.sums.items())]
    found = len(findings.differences)
    lines.append("nothing differs" if not found else f"{found:,} differences")
    return lines
