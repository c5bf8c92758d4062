"""The targets of make: each is listed with what it does, and CI runs the one that a person runs."""

import re
import subprocess
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]


def test_help_lists_every_target() -> None:
    targets = re.findall(r"^([a-z-]+):", (CHECKOUT / "Makefile").read_text(), re.MULTILINE)
    listed = subprocess.run(["make", "help"], cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    assert [line.split()[1] for line in listed.splitlines()] == targets
    assert all(len(line.split()) > 3 for line in listed.splitlines())


def test_a_machine_without_a_supported_python_is_told_so(tmp_path: Path) -> None:
    python = tmp_path / "python3"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    refused = subprocess.run(
        ["make", "venv", "PYTHON="], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert refused.stdout.startswith("Python 3.11, 3.12 or 3.13 is needed")


def test_ci_runs_what_a_person_runs() -> None:
    script = (CHECKOUT / ".ci/run").read_text().splitlines()
    assert [line for line in script if not line.startswith("#")] == [
        "set -euo pipefail",
        'cd "$(dirname "$0")/.."',
        "exec make test",
    ]
