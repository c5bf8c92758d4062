"""How this product speaks, for a rig that compares it with others doing the same work.

The rig makes one stream of commands (place, cancel, repeats, commands to refuse) and gives each contestant its own
wire format: for us CloudEvents with the whole order model. It runs in the rig's own interpreter, which has nothing
of ours; topics are made by `python -m app topics create`, the same way as everywhere.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent.parent
REFUSALS = False  # a refusal is an outcome, not an event
HEADERS = [("content-type", b"application/cloudevents+json")]


def create(bootstrap: str, partitions: int) -> None:
    """Make the topics, as `make run` would."""
    python = os.environ.get("ORDERLANE_PYTHON", str(HERE / ".venv/bin/python"))
    env = {**os.environ, "KAFKA_URL": bootstrap, "PARTITIONS": str(partitions)}
    subprocess.run(
        (python, "-m", "app", "topics", "create"), cwd=HERE, env=env, check=True, stdout=subprocess.DEVNULL
    )


def command(key: bytes, command: dict[str, Any]) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
    """Return key, value and headers of a command."""
    data = _placed(command) if command["type"] == "place-order.v1" else {}
    event = {
        "specversion": "1.0",
        "id": command["command_id"],
        "source": "/bench",
        "type": command["type"],
        "subject": command["order_id"],
        "time": command["at"],
        "data": data,
    }
    return key, json.dumps(event, separators=(",", ":")).encode(), HEADERS


def _placed(command: dict[str, Any]) -> dict[str, Any]:
    lines = [
        {"line_id": str(number), **line, "line_total": line["quantity"] * line["unit_price"]}
        for number, line in enumerate(command["lines"], 1)
    ]
    total = sum(line["line_total"] for line in lines)
    return {
        "customer_id": command["customer_id"],
        "placed_at": command["at"],
        "currency": command["currency"],
        "lines": lines,
        "totals": {"goods": total, "total": total},
    }


def command_id(value: bytes) -> str:
    found: str = json.loads(value)["id"]
    return found


def event(value: bytes) -> dict[str, Any] | None:
    """Return what the rig checks of an event."""
    found = json.loads(value)
    return {
        "type": found["type"],
        "command_id": found["causationid"],
        "order_id": found["subject"],
        "version": int(found["sequence"]),
    }
