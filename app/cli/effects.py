"""`python -m app effects`: the agent that calls payment providers.

Exit codes: 0 told to stop, 1 it must not go on (a line says why), 2 a setting is wrong, 4 Kafka not reached.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from app.settings import Settings

REFUSED, WRONG_SETTING, UNREACHABLE = 1, 2, 4


@click.command(
    epilog="Exit codes: 0 told to stop, 1 it must not go on (a line says why), 2 a setting is wrong, "
    "4 Kafka not reached."
)
@click.option(
    "--begin-now",
    is_flag=True,
    help="Do not run: where the group has no position, set it behind all events, and end. "
    "Those events never reach a provider.",
)
def effects(*, begin_now: bool) -> None:
    """Take what orders ask of payment providers to them, until SIGTERM or Ctrl-C.

    Each movement is made once in effect, however often this is stopped, killed or started beside others: run as
    many as you like. What orders ask of the house account needs none. A provider needs its settings (STRIPE_API_KEY).
    """
    from app.settings import load  # noqa: PLC0415 - `--help` needs none of it

    try:
        settings = load()
    except SystemExit as wrong:
        click.echo(wrong, err=True)
        raise SystemExit(WRONG_SETTING) from None
    from app.effects.agent.positions import OUTAGE, Refusal  # noqa: PLC0415 - see above

    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=settings.log_level_number, format=form)
    logging.getLogger("aiokafka").setLevel(max(logging.WARNING, settings.log_level_number))
    try:
        asyncio.run(_begin_now(settings) if begin_now else _run(settings))
    except Refusal as refusal:
        click.echo(refusal, err=True)
        raise SystemExit(REFUSED) from None
    except OUTAGE as wrong:
        where = settings.kafka_url
        click.echo(f"Kafka at {where} does not answer: set KAFKA_URL, or start it ({wrong!r})", err=True)
        raise SystemExit(UNREACHABLE) from None


async def _run(settings: Settings) -> None:
    from app.effects.agent.process import run  # noqa: PLC0415 - see above

    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await run(settings, stopping)


async def _begin_now(settings: Settings) -> None:
    from app.effects.agent.positions import begin_now, group_of  # noqa: PLC0415 - see above

    begun = await begin_now(settings)
    for partition, offset in sorted(begun.items()):
        click.echo(f"{group_of(settings)}: partition {partition} begins at {offset}")
    if not begun:
        click.echo(f"{group_of(settings)} has a position in every partition; nothing was changed")
