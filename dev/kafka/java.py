"""Find a Java that can run Kafka 4.1, which needs version 17."""

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from dev.kafka.missing import Missing

OLDEST = 17


@cache
def java() -> str:
    """Return the java of JAVA_HOME, else of the path. Raises Missing when it is absent or too old."""
    home = os.environ.get("JAVA_HOME")
    program = shutil.which("java", path=str(Path(home, "bin"))) if home else None
    program = program or shutil.which("java")
    advice = f"install Java {OLDEST} or newer (Debian and Ubuntu: apt install openjdk-17-jre-headless)"
    if program is None:
        raise Missing(f"Kafka needs Java, and there is no java on the path: {advice}")
    version = subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(?:1\.)?(\d+)', version)
    if found is None:
        raise Missing(f"{program} does not tell its version: {advice}")
    if int(found[1]) < OLDEST:
        raise Missing(f"{program} is Java {found[1]}: {advice}")
    return program
