"""`make test`: some targets of make beside another one, which waits for Kafka most of its time.

    python -m dev.side_by_side "types pure-tests" broker-tests

The second is shown as it goes. What the first say is shown in one piece, when they are done: so no two write into each
other's lines. Fails when any fails. Ctrl-C reaches all of them; SIGTERM is handed on.
"""

import signal
import subprocess
import sys
import tempfile
import time
from typing import IO, Never

LOOK = 0.1  # seconds between two looks at who has ended


def main() -> int:
    aside_targets, shown_targets = sys.argv[1:]
    signal.signal(signal.SIGTERM, _leave)
    with tempfile.TemporaryFile() as said:
        aside = subprocess.Popen(_make(aside_targets), stdout=said, stderr=subprocess.STDOUT)
        shown = subprocess.Popen(_make(shown_targets))
        try:
            _until_ended(aside)
            _tell(said)
            _until_ended(shown)
        except KeyboardInterrupt:
            _until_ended(aside, shown)
            _tell(said)
            return 128 + signal.SIGINT
        finally:
            for process in (aside, shown):
                process.terminate()
                process.wait()
    failed = {aside_targets: aside.returncode, shown_targets: shown.returncode}
    for targets in [targets for targets, code in failed.items() if code]:
        print(f"failed, see above: make {targets}", file=sys.stderr)
    return int(any(failed.values()))


def _make(targets: str) -> list[str]:
    return ["make", "--keep-going", *targets.split()]


def _until_ended(*processes: subprocess.Popen[bytes]) -> None:
    while any(process.poll() is None for process in processes):
        time.sleep(LOOK)


def _tell(said: IO[bytes]) -> None:
    said.seek(0)
    print("\n" + said.read().decode(errors="replace"), end="", flush=True)


def _leave(number: int, _: object) -> Never:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
