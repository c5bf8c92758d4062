"""`python -m tests.faults.worker --kill-at sent --chance 0.01`: the normal worker, with faults put into it.

The product has no fault code: this patches the engine's classes and then runs a worker in this process, with
its settings from the environment as always. It dies with the program that started it.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
from pathlib import Path

from tests.faults.mutants import MUTANTS
from tests.faults.nemesis import POINTS
from tests.faults.points import install
from tests.faults.trap import Trap

PR_SET_PDEATHSIG = 1  # prctl(2): the signal that we get when our parent dies


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.worker", description=__doc__)
    parser.add_argument("--kill-at", choices=POINTS, help="where to kill -9 itself, by chance")
    parser.add_argument("--chance", type=float, default=0.01, help="of that, each time (default: 0.01)")
    parser.add_argument("--seed", type=int, help="of that chance")
    parser.add_argument("--trap", type=Path, help="file that asks for a kill or a stop: `kill sent`")
    parser.add_argument("--journal", type=Path, help="file to note in what it does to itself")
    parser.add_argument("--mutant", choices=MUTANTS, help="a worker that is wrong in one way")
    parser.add_argument("rest", nargs="*", help="after --: ignored, for readability")
    given = parser.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    trap = Trap(
        worker=os.environ.get("WORKER_ID", "?"),
        file=given.trap,
        journal=given.journal,
        point=given.kill_at,
        chance=given.chance,
        seed=given.seed,
    )
    install(trap)
    if given.mutant:
        MUTANTS[given.mutant](trap)

    from app.main import run_worker  # noqa: PLC0415 - reads the settings, and starts Faust's logging

    run_worker()


if __name__ == "__main__":
    main()
