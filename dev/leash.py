"""A leash on a child process: it ends when this program does, even by kill -9.

Linux has PR_SET_PDEATHSIG for this, but that fires when the *thread* that started the child ends. The leash
is a shell that reads from a pipe, whose other end closes with this program.
"""

import subprocess
from types import TracebackType
from typing import Self

SCRIPT = 'read -r _; kill -TERM "$1"; kill -CONT "$1"; sleep "$2"; kill -KILL "$1"'
PATIENCE = 20  # seconds between the request to end and the end


class Leash:
    """Holds the process of that id until `release`."""

    def __init__(self, pid: int) -> None:
        # A session of its own, so that Ctrl-C at the terminal does not cut it.
        self._shell = subprocess.Popen(
            ["sh", "-c", SCRIPT, "leash", str(pid), str(PATIENCE)],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def release(self) -> None:
        """Let go: for a process that has ended, since its number may soon be another's."""
        self._shell.kill()
        self._shell.wait()
        if self._shell.stdin is not None:
            self._shell.stdin.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
