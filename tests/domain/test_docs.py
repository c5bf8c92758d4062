"""docs/domain.md lists what the code has, and nothing else."""

import re
from pathlib import Path

from app.domain.bounds import LINES_LIMIT
from app.domain.order.statuses import FulfilmentStatus, OrderStatus, PaymentStatus
from app.domain.refused import Code

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "domain.md").read_text(encoding="utf-8")
SCHEMAS = DOCS / "schemas"


def first_column(section: str) -> list[str]:
    """Return the code words in the first column of a section's table."""
    text = PAGE.split(f"## {section}\n")[1].split("\n## ")[0]
    return [
        word
        for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
        for word in re.findall(r"`(.+?)`", row)
    ]


def test_the_refusals_are_those_of_the_code() -> None:
    assert first_column("Refusals") == [code.value for code in Code]


def test_the_limit_of_lines_is_that_of_the_code() -> None:
    assert f"more than {LINES_LIMIT:,} lines" in PAGE
    assert f"More than {LINES_LIMIT:,} are refused" in (SCHEMAS / "place-order.v1.json").read_text(
        encoding="utf-8"
    )


def test_the_commands_are_those_of_the_code() -> None:
    assert first_column("Commands and events") == ["place-order.v1", "cancel-lines.v1", "cancel-order.v1"]


def test_the_statuses_are_those_of_the_code() -> None:
    for status in (OrderStatus, PaymentStatus, FulfilmentStatus):
        assert ", ".join(f"`{value}`" for value in status) in PAGE
