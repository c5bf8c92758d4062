"""Commands in CloudEvents' binary mode, as foreign producers send them."""

import json

import pytest

from app.lane.declare import Headers, Record, Undecodable
from app.wire.binary import is_binary
from app.wire.orders import decode_order_command
from tests.wire.samples import ASKED, PLACE, command_bytes, record


def binary(value: bytes) -> tuple[list[tuple[str, bytes]], bytes]:
    """Return headers and value of a structured command in binary mode."""
    document = json.loads(value)
    data = document.pop("data")
    headers = [(f"ce_{name}", str(attribute).encode()) for name, attribute in document.items()]
    return [*headers, ("content-type", b"application/json")], json.dumps(data).encode()


HEADERS, VALUE = binary(command_bytes(PLACE))


def refusal(headers: Headers, value: bytes | None) -> tuple[str, str]:
    with pytest.raises(Undecodable) as refused:
        decode_order_command(Record("order-commands", 0, 0, 0, b"o-1", value, headers))
    return refused.value.code, refused.value.detail


@pytest.mark.parametrize("data", ASKED, ids=lambda data: type(data).__name__)
def test_both_modes_say_the_same(data: object) -> None:
    structured = command_bytes(data)  # type: ignore[arg-type]
    headers, value = binary(structured)
    there = decode_order_command(Record("order-commands", 0, 0, 0, b"o-1", value, headers))
    assert there == decode_order_command(record(structured))


def test_other_headers_do_not_make_a_record_binary() -> None:
    traced = [("content-type", b"application/cloudevents+json; charset=UTF-8"), *HEADERS[:-1]]
    assert not is_binary(traced)
    structured = record(command_bytes(PLACE))._replace(headers=traced)
    assert decode_order_command(structured).data == PLACE
    assert not is_binary([("a", b""), ("b", b""), ("c", b""), ("d", b""), ("e", b"")])


def test_a_missing_attribute_is_named() -> None:
    for name in ("id", "source", "subject", "specversion"):
        fewer = [header for header in HEADERS if header[0] != f"ce_{name}"]
        assert refusal(fewer, VALUE) == ("command-invalid", f"/{name}: Field required")
    assert refusal(HEADERS[:2], VALUE)[0] == "command-invalid"


def test_a_fault_in_the_data_has_its_pointer() -> None:
    code, detail = refusal(HEADERS, VALUE.replace(b'"currency": "EUR"', b'"currency": "?"'))
    assert code == "command-invalid"
    assert detail.startswith("/data/currency: ")


@pytest.mark.parametrize("version", [b"", b"-1", b"1.0", b"x", b"\xc2\xb2", b"9" * 30])
def test_an_expected_version_is_a_number(version: bytes) -> None:
    headers = [(name, version if name == "ce_expectedversion" else value) for name, value in HEADERS]
    code, detail = refusal(headers, VALUE)
    assert code == "command-invalid"
    assert detail.startswith("/expectedversion: ")


@pytest.mark.parametrize("value", [b"{", VALUE + b"}", VALUE + b',"subject":"o-2"', b"\xff"])
def test_data_is_one_json_value(value: bytes) -> None:
    assert refusal(HEADERS, value)[0] == "not-json"


def test_data_cannot_come_as_a_header() -> None:
    assert refusal([*HEADERS, ("ce_data", b"{}")], b"[]")[1].startswith("/data: ")


def test_data_in_another_format_is_refused() -> None:
    avro = [*HEADERS[:-1], ("content-type", b"application/avro")]
    assert refusal(avro, VALUE)[0] == "content-type-unknown"


def test_a_header_must_be_utf_8() -> None:
    assert refusal([*HEADERS[1:], ("ce_id", b"\xff")], VALUE)[0] == "not-utf-8"


def test_a_tombstone_has_no_data() -> None:
    assert refusal(HEADERS, None)[0] == "value-missing"
