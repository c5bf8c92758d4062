"""What `make run` keeps in .run: used by one program at a time. `python -m dev.run_data` forgets it.

ORDERLANE_RUN names another folder.
"""

import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dev.kafka import Missing

FOLDER = Path(os.environ.get("ORDERLANE_RUN", Path(__file__).parents[1] / ".run")).absolute()


@contextmanager
def only_user() -> Iterator[None]:
    """Hold .run for this program. Raises Missing while another one uses it."""
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Missing("`make run` is going on in this checkout: stop it first (Ctrl-C)") from None
        yield


def forget() -> None:
    try:
        with only_user():
            shutil.rmtree(FOLDER)
    except Missing as missing:
        sys.exit(str(missing))
    print(f"Forgotten: Kafka's data, the workers' tables and logs in {FOLDER}")


if __name__ == "__main__":
    forget()
