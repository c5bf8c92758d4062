"""The pages of docs/ that a test holds to the code."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def page(name: str) -> str:
    """Return the text of a page."""
    return (DOCS / name).read_text(encoding="utf-8")


def first_column(text: str, section: str) -> list[str]:
    """Return the code words in the first column of the tables of a page's section."""
    return re.findall(
        r"^\| `(.+?)` \|", text.split(f"## {section}\n")[1].split("\n## ", maxsplit=1)[0], re.MULTILINE
    )


def kebab(kind: type) -> str:
    """Return the name of a class as the pages write it."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind.__name__).lower()
