"""`python -m tests.broker.depot_worker`: a worker of the depot application (tests/lane/depot.py), by the engine's API.

Nothing of orders is imported: this is what another application has to write. Settings come from the environment, as
`tests.running` sets it. When the file that DEPOT_TRAP names is there, the worker kills itself (-9) with a transaction
open: everything is sent, the positions are with the group, and EndTxn is not.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.lane.app import LaneApp
from app.lane.cycle import Cycle
from tests.lane.depot import AGENTS, LETTERS, PARTITIONS, depot_config

if TYPE_CHECKING:
    from faust.web import Request, Response, View


def build(environment: os._Environ[str]) -> LaneApp:
    """Return the app, with a page that tells how it is and one that shows a row."""
    config = depot_config(
        Path(environment["DATA_DIR"]),
        worker_id=environment["WORKER_ID"],
        bootstrap=tuple(environment["KAFKA_URL"].split(",")),
        partitions=int(environment.get("DEPOT_PARTITIONS", PARTITIONS)),
        replication=int(environment.get("DEPOT_REPLICATION", "1")),
        transaction_timeout=float(environment.get("DEPOT_TRANSACTION_TIMEOUT", "6")),
    )
    host, port, url = (environment[name] for name in ("WEB_HOST", "WEB_PORT", "WEB_URL"))
    app = LaneApp(
        config, AGENTS, LETTERS, web_host=host, web_bind=host, web_port=int(port), canonical_url=url
    )

    @app.page("/readyz")
    async def readyz(view: View, _: Request) -> Response:
        status = app.lanes.status()
        return view.json(status, status=200 if status["ready"] else 503)

    @app.page("/rows/{table}/{key}")
    async def row(view: View, _: Request, table: str, key: str) -> Response:
        rows: Any = app.tables[table]
        found = rows.get(key.encode())
        return view.json({"row": None if found is None else found.decode()})

    return app


def set_trap(file: Path) -> None:
    """Die before a commit while the file is there."""
    commit = Cycle.commit

    def spring() -> None:
        if file.exists():
            os.kill(os.getpid(), signal.SIGKILL)

    async def commit_or_die(self: Cycle) -> None:
        spring()
        await commit(self)

    Cycle.commit = commit_or_die  # type: ignore[method-assign]


def main() -> None:
    logging.captureWarnings(capture=True)
    if "DEPOT_TRAP" in os.environ:
        set_trap(Path(os.environ["DEPOT_TRAP"]))
    app = build(os.environ)
    sys.argv = ["faust", "worker", "-l", "info", "--web-port", os.environ["WEB_PORT"]]
    app.main()


if __name__ == "__main__":
    main()
