"""The published files are those of the code, and say what the code does."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from app.domain.bounds import AMOUNT_LIMIT
from app.wire.publish import FOLDER, main, text
from app.wire.schemas import MESSAGES, json_schema
from tests.wire.samples import GOLDEN


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


@pytest.mark.parametrize("name", list(MESSAGES))
def test_anybodys_validator_accepts_the_golden_messages_and_no_others(name: str) -> None:
    validator = _validator(name)
    for path in GOLDEN.iterdir():
        assert validator.is_valid(json.loads(path.read_bytes())) == (path.name == f"{name}.json")


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("quantity", 0),
        ("quantity", 1.5),
        ("unit_price", -1),
        ("sku", ""),
        ("line_total", 2**53),
        ("tax", None),
    ],
)
def test_anybodys_validator_refuses_what_is_out_of_bounds(pointer: str, value: Any) -> None:
    document = json.loads((GOLDEN / "place-order.v1.json").read_bytes())
    document["data"]["lines"][0][pointer] = value
    assert not _validator("place-order.v1").is_valid(document)


def _validator(name: str) -> Any:
    published = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return import_module("jsonschema").Draft202012Validator(published)  # untyped
