"""`python -m app.wire.publish`: writes the published contract to docs/schemas, one JSON Schema a message."""

import json
from pathlib import Path
from typing import Final

from app.wire.schemas import MESSAGES, json_schema

FOLDER: Final = Path(__file__).parents[2] / "docs" / "schemas"


def text(name: str) -> str:
    """Return the file of a type of message."""
    return json.dumps(json_schema(name), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write all of them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in MESSAGES:
        (FOLDER / f"{name}.json").write_text(text(name), encoding="utf-8")


if __name__ == "__main__":
    main()
