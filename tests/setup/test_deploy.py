"""The image: it has every file and package that a worker imports, and gives replicas stable names."""

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import packages_distributions
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
IN_THE_IMAGE = ("app", "agents", "tables")


def test_what_the_image_copies_is_enough_to_start_a_command(tmp_path: Path) -> None:
    for folder in IN_THE_IMAGE:
        assert f"COPY {folder} {folder}\n" in (CHECKOUT / "Dockerfile").read_text()
        shutil.copytree(CHECKOUT / folder, tmp_path / folder)
    for module in ("app.main", "app.__main__"):
        subprocess.run([sys.executable, "-c", f"import {module}"], cwd=tmp_path, check=True)


def test_every_package_that_a_worker_imports_is_a_declared_dependency() -> None:
    declared = {
        name.partition("==")[0]
        for name in tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["dependencies"]
    }
    owner = packages_distributions()
    for module in set(_imported()) - set(sys.stdlib_module_names) - set(IN_THE_IMAGE):
        assert declared & set(owner.get(module, ())), f"{module} is imported but not declared"


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    named = project["project"]["dependencies"] + project["dependency-groups"]["run"]
    named += [each for each in project["dependency-groups"]["dev"] if isinstance(each, str)]
    pinned = (CHECKOUT / "constraints.txt").read_text().splitlines()
    for each in named:
        assert each in pinned, f"{each}: run `make constraints`"


def test_replicas_that_share_a_volume_have_names_that_outlive_them(tmp_path: Path) -> None:
    with _replica(tmp_path) as (first, process), _replica(tmp_path) as (second, _):
        assert (first, second) == ("worker-1", "worker-2")
        process.kill()
        process.wait()
        with _replica(tmp_path) as (successor, _):
            assert successor == "worker-1"


def test_a_replica_too_many_says_so(tmp_path: Path) -> None:
    with _replica(tmp_path):
        refused = subprocess.run(
            ["sh", CHECKOUT / "deploy/worker.sh"],
            env={**os.environ, "DATA_VOLUME": str(tmp_path), "MOST_WORKERS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
    assert refused.returncode == 1
    assert refused.stderr == "all of worker-1 to worker-1 are running\n"


@contextmanager
def _replica(volume: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run the start script with a `python` that tells its name and waits; yield the name and the process."""
    programs = volume / "bin"
    programs.mkdir(exist_ok=True)
    python = programs / "python"
    python.write_text('#!/bin/sh\necho "$WORKER_ID $DATA_DIR"\nexec sleep 60\n')
    python.chmod(0o755)
    with subprocess.Popen(
        ["sh", CHECKOUT / "deploy/worker.sh"],
        env={"PATH": f"{programs}:{os.environ['PATH']}", "DATA_VOLUME": str(volume)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        name, folder = process.stdout.readline().split()
        assert folder == f"{volume}/{name}"
        try:
            yield name, process
        finally:
            process.kill()


def _imported() -> Iterator[str]:
    for folder in IN_THE_IMAGE:
        for source in (CHECKOUT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(source.read_text())):
                if isinstance(node, ast.Import):
                    yield from (alias.name.partition(".")[0] for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    yield node.module.partition(".")[0]
