"""Figures as a table and as JSON, beside what was aimed at, and the machine that they were measured on."""

from __future__ import annotations

import json
import os
import platform
import re
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

Value = float | bool | str
Figures = dict[str, Value]  # a unit is part of a figure's name

RESULTS = Path(__file__).with_name("RESULTS.md")
_FROM, _TO = "<!-- measured -->\n", "<!-- /measured -->\n"
_POM = Path(__file__).parents[1] / "dev/kafka/pom.xml"
AGENTS = "decide-orders alone, as in what it is compared with; in `checkout` and `one-item` all of them"
_LARGE, _SMALL = 1000, 10  # from here on without, and below here with two decimals

# part and figure -> at least, at most
TARGETS: dict[tuple[str, str], tuple[float | None, float | None]] = {
    ("throughput", "correct"): (1, None),
    ("plain-faust", "correct"): (1, None),
    ("ratios", "over_plain_faust"): (15, None),
    ("latency", "at_50_p50_ms"): (None, 8),
    ("latency", "at_2000_p50_ms"): (None, 15),
    ("latency", "at_2000_p99_ms"): (None, 40),
    ("reads", "loaded_paced_p99_ms"): (None, 25),
    ("checkout", "p50_ms"): (None, 120),
    ("checkout", "correct"): (1, None),
    ("one-item", "reservations_per_s"): (5_000, None),
    ("recovery", "rss_mb"): (None, 350),
    ("recovery", "rows_per_s"): (150_000, None),
}


def ratios(found: dict[str, Figures]) -> Figures:
    """Return what is worth dividing by what."""
    product = found.get("throughput")
    made: Figures = {}
    if product and "plain-faust" in found:
        made["over_plain_faust"] = _rate(product, "steady_per_s") / _rate(
            found["plain-faust"], "steady_per_s"
        )
    if product and "limits" in found:
        limits = found["limits"]
        for name in ("send_per_s", "fetch_per_s", "transactions_per_s"):
            made[f"share_of_{name.removesuffix('_per_s')}"] = _rate(product, "steady_per_s") / _rate(
                limits, name
            )
    return made


def _rate(figures: Figures, name: str) -> float:
    return max(float(figures[name]), 1e-9)


def table(found: dict[str, Figures]) -> str:
    """Return one line a figure, with its target and whether it was met."""
    rows = [
        (part, name.replace("_", " "), _written(value), *_judged(part, name, value))
        for part, figures in found.items()
        for name, value in figures.items()
    ]
    rows.insert(0, ("part", "figure", "value", "target", ""))
    wide = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = [
        f"| {part:{wide[0]}} | {name:{wide[1]}} | {value:>{wide[2]}} | {target:{wide[3]}} | {met:{wide[4]}} |"
        for part, name, value, target, met in rows
    ]
    lines.insert(1, f"|{'|'.join('-' * (width + 2) for width in wide)}|")
    return "\n".join(lines)


def _written(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, str):
        return value
    if value >= _LARGE:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value < _SMALL and value != int(value) else f"{value:.1f}".removesuffix(".0")


def _judged(part: str, name: str, value: Value) -> tuple[str, str]:
    least, most = TARGETS.get((part, name), (None, None))
    if least is not None:
        return ("yes" if isinstance(value, bool) else f">= {least:,}"), _met(float(value) >= least)
    if most is not None:
        return f"<= {most:,}", _met(float(value) <= most)
    return "", ""


def _met(met: bool) -> str:  # noqa: FBT001 - the one thing it is told
    return "met" if met else "MISSED"


def machine() -> dict[str, str]:
    """Return what the figures depend on."""
    model = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    kafka = re.search(r"<kafka.version>(.+?)<", _POM.read_text())
    packages = ("faust-streaming", "aiokafka", "rocksdict", "msgspec", "uvloop")
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "cpu": f"{os.cpu_count()} x {model[1] if model else platform.machine()}",
        "memory": f"{int(memory[1]) / 2**20:.1f} GiB" if memory else "?",
        "python": f"{platform.python_version()}, {platform.python_compiler()}",
        "kafka": kafka[1] if kafka else "?",
        **{name: version(name) for name in packages},
    }


def as_json(found: dict[str, Figures]) -> str:
    rounded = {
        part: {n: round(v, 3) if isinstance(v, float) else v for n, v in figures.items()}
        for part, figures in found.items()
    }
    return json.dumps({"machine": machine(), **rounded})


def write(found: dict[str, Figures], command: str) -> None:
    """Put the figures into RESULTS.md, in the place of those that were measured before."""
    facts = "\n".join(
        f"- {name}: {value}"
        for name, value in {"command": f"`{command}`", "agents": AGENTS, **machine()}.items()
    )
    text = RESULTS.read_text() if RESULTS.exists() else f"# Results\n\n{_FROM}{_TO}"
    before, _, rest = text.partition(_FROM)
    _, _, after = rest.partition(_TO)
    RESULTS.write_text(f"{before}{_FROM}{facts}\n\n{table(found)}\n{_TO}{after}")
