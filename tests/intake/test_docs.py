"""docs/intake.md names what the code has, and nothing else."""

import re
from pathlib import Path

from app.intake import shopify, woocommerce
from app.intake.refusing import Reason

PAGE = (Path(__file__).parents[2] / "docs" / "intake.md").read_text(encoding="utf-8")


def test_every_reason_is_explained() -> None:
    table = PAGE.split("\n## Refusals\n")[1]
    assert re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE) == list(Reason)


def test_every_reason_is_used() -> None:
    sources = "".join(
        path.read_text() for path in (Path(__file__).parents[2] / "app" / "intake").glob("*.py")
    )
    assert all(f"Reason.{reason.name}" in sources for reason in Reason)


def test_the_headers_are_those_of_the_code() -> None:
    assert f"`{shopify.SIGNATURE_HEADER}`" in PAGE
    assert f"`{woocommerce.SIGNATURE_HEADER}`" in PAGE
