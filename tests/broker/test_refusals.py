"""A worker does not start on topics that would lose or misplace records. It says why, one line a deviation."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from app.topics import TOPICS
from tests.lane.depot import PARTITIONS
from tests.running import ROOT, free_port

if TYPE_CHECKING:
    from pathlib import Path

    from tests.broker.depots import Depots
    from tests.running import Workers

WEEK = str(7 * 86_400_000)


def refused(module: str, kafka_url: str, folder: Path, **environment: str) -> list[str]:
    """Run a worker that must not start; return what it says about topics."""
    port = str(free_port())
    done = subprocess.run(
        [sys.executable, "-m", *module.split()],
        cwd=ROOT,
        env={
            **os.environ,
            "KAFKA_URL": kafka_url,
            "WORKER_ID": "refused",
            "DATA_DIR": str(folder / "refused"),
            "WEB_HOST": "127.0.0.1",
            "WEB_PORT": port,
            "WEB_URL": f"http://127.0.0.1:{port}",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode not in (0, None), done.stdout + done.stderr
    told = done.stdout + done.stderr
    assert "Traceback" not in told, told
    return [line[line.index("topic ") :] for line in done.stderr.splitlines() if line.startswith("refused: ")]


async def test_topics_that_would_lose_history_refuse_the_start(depots: Depots) -> None:
    async with depots.kafka() as kafka:
        wrong = {
            "parcels": {"unclean_leader_election_enable": "true", "retention_ms": WEEK},
            "parcel-facts": {"cleanup_policy": "compact", "retention_ms": WEEK},
            "depot-dead-letters": {"cleanup_policy": "delete", "retention_ms": WEEK},
            "depot-rows": {"cleanup_policy": "compact,delete"},
        }
        for name, settings in wrong.items():
            await kafka.create(depots.topic(name), PARTITIONS, **settings)
        await kafka.create(depots.topic("depot-loads"), PARTITIONS + 2, retention_ms=WEEK)
        lines = refused(
            "tests.broker.depot_worker", depots.kafka_url, depots.folder, DEPOT_PREFIX=depots.prefix
        )
    retention = "retention.ms is 604800000, and must be -1"
    assert sorted(line.removeprefix(f"topic {depots.prefix}") for line in lines) == sorted(
        [
            "parcels: unclean.leader.election.enable is true, and must be false",
            "parcel-facts: cleanup.policy is compact, and must be delete",
            "parcel-facts: " + retention,
            "depot-dead-letters: " + retention,
            "depot-rows: cleanup.policy is compact,delete, and must be compact",
            "depot-loads: number of partitions is 6, and must be 4",
        ]
    )


def test_another_number_of_partitions_or_too_few_replicas_refuse_the_start(
    shop: Workers, kafka_url: str, tmp_path: Path
) -> None:
    assert shop["w1"].alive, "its topics are there, with 8 partitions and one replica"
    lines = refused("app worker", kafka_url, tmp_path, PARTITIONS="12", REPLICATION_FACTOR="3")
    for topic in TOPICS:
        assert f"topic {topic.name}: number of partitions is 8, and must be 12" in lines
        assert f"topic {topic.name}: replication factor is 1, and must be at least 3" in lines
    assert len(lines) == 2 * len([line for line in lines if "partitions" in line]) > 2 * len(TOPICS)
