"""`python -m app replay`: a data set as commands, with progress and a summary.

Command ids come from the data alone, so a second run of the same data changes nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import re
import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError

from app.cli.replay import northwind, olist, online_retail
from app.cli.replay.pace import Pace
from app.cli.replay.produce import CannotProduce
from app.cli.replay.run import replay
from app.cli.replay.source import SourceUnusable
from app.cli.replay.summary import described, is_as_expected, outcome
from app.cli.replay.waiting import Undecided
from app.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.cli.replay.source import Item

READERS: dict[str, Callable[[Path], Iterator[Item]]] = {
    "northwind": northwind.read,
    "online-retail": online_retail.read,
    "olist": olist.read,
}
INTERRUPTED = 130  # what a shell reports for SIGINT


def speed(text: str) -> float:
    """Read `max`, or how many times faster than reality: `1000x`."""
    times = re.fullmatch(r"(\d+(?:\.\d+)?)x", text)
    if text == "max":
        return math.inf
    if times is None or not float(times[1]):
        raise argparse.ArgumentTypeError(f"{text!r} is neither max nor a multiple of reality such as 1000x")
    return float(times[1])


def arguments() -> argparse.ArgumentParser:
    """Return what the command line may say."""
    parser = argparse.ArgumentParser(
        prog="python -m app replay", description="Send a data set as commands, and tell what became of them."
    )
    parser.add_argument("source", choices=READERS, metavar="|".join(READERS))
    parser.add_argument("path", type=Path, metavar="DIR_OR_FILE", help="where the data set is")
    parser.add_argument(
        "--speed", type=speed, default="max", help="max (default), or 1000x: a thousand times reality"
    )
    parser.add_argument(
        "--wait",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="wait until all commands are decided (default)",
    )
    parser.add_argument(
        "--patience",
        type=float,
        default=120,
        metavar="SECONDS",
        help="how long the workers may make no progress before the wait ends (default 120)",
    )
    return parser


def main(argv: list[str]) -> int:
    """Run the command. Returns 0 when all became what the source says, 1 when not, or nothing went."""
    given = arguments().parse_args(argv)
    settings = load()
    try:
        items = READERS[given.source](given.path)
        items = chain([next(items)], items)  # a wrong path is told before anything else is tried
        result = asyncio.run(replay(items, settings, Pace(given.speed), given.patience, wait=given.wait))
    except (SourceUnusable, CannotProduce, Undecided) as stopped:
        print(f"replay: {stopped}", file=sys.stderr)
        return 1
    except KafkaError as wrong:
        print(f"replay: Kafka at {settings.kafka_url}: {wrong!r}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("replay: stopped. The same command goes on from here.", file=sys.stderr)
        return INTERRUPTED
    for name, number in (*described(result.counts), *outcome(result)):
        print(f"{name:<40}{number}")
    return 0 if is_as_expected(result) else 1
