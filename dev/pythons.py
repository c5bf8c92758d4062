"""`make test-pythons`: the tests on each supported Python that is installed, each in its own environment.

Side by side, as `make test` runs them.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from dev.venv import CHECKOUT

SUPPORTED = ("3.11", "3.12", "3.13")


def main() -> int:
    results = {version: _tested(version) for version in SUPPORTED}
    print("\n".join(f"Python {version}: {result}" for version, result in results.items()))
    return "failed" in results.values() or "passed" not in results.values()


def _tested(version: str) -> str:
    python = next((found for found in _candidates(version) if _is(found, version)), None)
    if python is None:
        return "not tested, because it is not installed"
    folder = f".venv-{version}"
    print(f"Python {version}: {python}", flush=True)
    install = [sys.executable, "-m", "dev.venv", "--folder", folder, "--python", str(python)]
    test = ["make", "tests", f"BIN={folder}/bin"]
    passed = all(subprocess.run(step, cwd=CHECKOUT, check=False).returncode == 0 for step in (install, test))
    return "passed" if passed else "failed"


def _candidates(version: str) -> Iterator[Path]:
    """Yield what may be that Python: the one on the path (pyenv puts mere stand-ins there), then pyenv's."""
    on_path = shutil.which(f"python{version}")
    if on_path:
        yield Path(on_path)
    if shutil.which("pyenv"):
        root = subprocess.run(["pyenv", "root"], capture_output=True, text=True, check=True).stdout.strip()
        yield from sorted(Path(root, "versions").glob(f"{version}.*/bin/python"), reverse=True)


def _is(python: Path, version: str) -> bool:
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    answer = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=False)
    return answer.stdout.strip() == version


if __name__ == "__main__":
    sys.exit(main())
