"""A transaction failed somewhere between begin and commit. What became of it.

The producer is given up. The next one with the same transactional id ends the transaction, one way or the other,
before it may start; then the positions, read through a barrier, tell which.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from app.lane.patience import we_are_cancelled
from app.lane.positions import NoOffset, barrier, read_positions
from app.lane.producer import LaneProducer
from app.lane.reading import OUTAGE

if TYPE_CHECKING:
    from app.lane.batch import Moves, Stats
    from app.lane.config import LaneConfig
    from app.lane.fencing import Member

log = logging.getLogger(__name__)


class Gone(Exception):  # noqa: N818 - a fact about the group, not a bug
    """The positions are not ours any more: somebody else has moved them."""


async def resolve(
    config: LaneConfig,
    member: Member,
    producer: LaneProducer,
    moves: Moves,
    stats: Stats,
) -> tuple[LaneProducer, bool]:
    """Return a new producer, and whether the transaction with these moves was committed.

    Waits for the brokers as long as it takes. Raises Gone if the positions are neither those before nor those after.
    """
    while True:
        await producer.abandon()
        try:
            producer = await LaneProducer.start(config, member)
            marks = await barrier(producer, moves.start, config.transaction_deadline)
            found = await read_positions(config, moves.before, moves.start, marks)
        except (*OUTAGE, NoOffset, asyncio.CancelledError) as error:
            if we_are_cancelled():
                await producer.abandon()
                raise
            log.warning("cannot tell yet what became of the transaction: %r", error)
            stats.outage_at = time.monotonic()
            await asyncio.sleep(0.2)
            continue
        except BaseException:  # the tenure is over: nobody will get this producer
            await producer.abandon()
            raise
        if found == moves.after:
            return producer, True
        if found == moves.before:
            return producer, False
        raise Gone(
            f"the positions are {found}; ours were {moves.before} before the transaction and {moves.after} after it"
        )
