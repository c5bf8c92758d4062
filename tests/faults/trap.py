"""How a worker harms itself at a named point: kill -9, or SIGSTOP until somebody sends SIGCONT.

Set from outside, by a file that says what to do and where (`kill sent`), or by chance. What is about to be
done is written to a journal first.
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

ACTS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP, "tell": signal.SIGCONT}  # telling does no harm


@dataclass
class Trap:
    """`reach` is called at every point that the process comes to."""

    worker: str
    file: Path | None = None
    journal: Path | None = None
    point: str | None = None  # at which it dies by chance
    chance: float = 0.0
    seed: int | None = None
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def reach(self, point: str) -> None:
        """Die here, or hang here, if that was asked for."""
        act = self._asked(point)
        if act is not None:
            self._note(act, point)
            os.kill(os.getpid(), ACTS[act])

    def armed(self, point: str) -> bool:
        """Whether `reach` would act: for a point whose harm needs a preparation."""
        return self._set_for(point) is not None or (point == self.point and self.chance > 0)

    def _set_for(self, point: str) -> str | None:
        if self.file is None or not self.file.exists():
            return None
        try:
            act, _, wanted = self.file.read_text().partition(" ")
        except FileNotFoundError:  # taken away in this moment
            return None
        return act if wanted == point else None

    def _asked(self, point: str) -> str | None:
        act = self._set_for(point)
        if act is not None and self.file is not None:
            try:
                self.file.unlink()
            except FileNotFoundError:
                return None
            return act
        return "kill" if point == self.point and self._random.random() < self.chance else None

    def _note(self, act: str, point: str) -> None:
        if self.journal is not None:
            entry = {
                "time": time.time(),
                "pid": os.getpid(),
                "worker": self.worker,
                "act": act,
                "point": point,
            }
            with self.journal.open("a") as journal:
                journal.write(json.dumps(entry) + "\n")
