"""The published files are those of the code, and a schema says what the model says."""

import json
from pathlib import Path

import pytest

from app.domain.bounds import AMOUNT_LIMIT
from app.wire.publish import FOLDER, main, text
from app.wire.schemas import MESSAGES, json_schema


def test_the_published_schemas_are_current() -> None:
    published = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    assert published == {f"{name}.json": text(name) for name in MESSAGES}, "run `python -m app.wire.publish`"


def test_publishing_writes_a_file_a_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.wire.publish.FOLDER", tmp_path / "schemas")
    main()
    assert {path.name for path in (tmp_path / "schemas").iterdir()} == {f"{name}.json" for name in MESSAGES}


def test_a_schema_is_closed_about_numbers_and_open_about_members() -> None:
    schema = json_schema("place-order.v1")
    line = schema["$defs"]["Line"]
    assert line["properties"]["unit_price"]["exclusiveMaximum"] == AMOUNT_LIMIT
    assert "additionalProperties" not in line
    assert set(schema["required"]) == {"specversion", "id", "source", "subject", "type", "data"}
    assert json.loads(text("place-order.v1")) == schema
