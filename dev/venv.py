"""Make a virtual environment with what pyproject.toml names. Run by any Python; does nothing when up to date.

uv does the installing (1 s instead of pip's 10); it comes from PyPI into .tools, once.
"""

import argparse
import fcntl
import hashlib
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
TOOLS = CHECKOUT / ".tools"
SOURCES = (CHECKOUT / "pyproject.toml", CHECKOUT / "constraints.txt")
UV = "uv==0.13.9"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", default=".venv", help="of the environment")
    parser.add_argument("--python", default=sys.executable, help="that it runs")
    wanted = parser.parse_args()
    folder = CHECKOUT / wanted.folder
    stamp = folder / "installed-from"
    fingerprint = hashlib.sha256(b"".join(source.read_bytes() for source in SOURCES)).hexdigest()
    lock_file = CHECKOUT / ".cache" / "venv.lock"
    lock_file.parent.mkdir(exist_ok=True)
    with lock_file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _works(folder) and stamp.exists() and stamp.read_text() == fingerprint:
            return
        print(f"Installing into {wanted.folder}", file=sys.stderr, flush=True)
        installer = uv()
        if not _works(folder):
            create: list[str | Path] = [installer, "venv", "-q", "--clear", "--no-python-downloads"]
            _run([*create, "--python", wanted.python, folder])
        pyproject, constraints = SOURCES
        install = [installer, "pip", "install", "-q", "--python", folder / "bin/python", "-c", constraints]
        _run([*install, "-r", pyproject, "--group", f"{pyproject}:dev"])
        stamp.write_text(fingerprint)


def _works(folder: Path) -> bool:
    python = folder / "bin" / "python"
    return python.exists() and subprocess.run([python, "-c", ""], check=False).returncode == 0


def uv() -> Path:
    program = TOOLS / "bin" / "uv"
    if not program.exists():
        made = subprocess.run(
            [sys.executable, "-m", "venv", "--clear", TOOLS], capture_output=True, check=False
        )
        if made.returncode:
            sys.exit(
                f"{sys.executable} cannot make a virtual environment: install its venv module "
                "(Debian and Ubuntu: apt install python3-venv)"
            )
        _run([TOOLS / "bin" / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check", UV])
    return program


def _run(command: list[str | Path]) -> None:
    done = subprocess.run(command, cwd=CHECKOUT, check=False)
    if done.returncode:
        sys.exit(f"could not install: {Path(command[0]).name} ended with {done.returncode}, see above")


if __name__ == "__main__":
    main()
