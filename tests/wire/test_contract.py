"""What decides on the hot path (msgspec and checks by hand) and what is published (pydantic) agree.

Where they differ is said by the tests at the end: of members that it does not know or that are repeated, the
hot path sees less.
"""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.lane.declare import Record, Undecodable
from app.wire.orders import decode_order_command
from app.wire.schemas import explain, pointer
from tests.wire.agreement import places
from tests.wire.samples import ASKED, command_bytes

VALID = [json.loads(command_bytes(data)) for data in ASKED]
HOSTILE: list[Any] = [
    *(None, True, False, 0, -0.0, 1, -1, 2, 12.0, 12.5, 1e2, 1e400, float("nan"), 2**31, 2**53 - 1, 2**53),
    *(2**63, 2**64, -(2**63), 10**30, 10_000, 100_000, 100_001, 4, 5, 6, 7),
    *("", "1", "12", "1.0", "null", "EUR", "eur", "Eur", "ÄÖÜ", "E\uff35R", "UTC", "line", "unit", "half_up"),
    *(
        "half_even",
        "LINE",
        "place-order.v1",
        "cancel-lines.v1",
        "cancel-order.v1",
        "cancel-order.v2",
        "cancel-order",
    ),
    *(
        "a\u0000b",
        "a\x7f",
        "\ud83d",
        "🧦-42",
        "👩‍🔧",
        "sku-é",
        "sku-e\u0301",
        "Å",
        "\u212b",
        "a ",
        " a",
        "\u00a0a",
    ),
    *("\u200fa", "a\u202eb", "\ufeffa", "a\u200bb", "\u2028", "\ue000", "a b", "a\\b", 'a"b', "../", "\t"),
    *("x" * 55, "x" * 128, "x" * 129, "é" * 128, "x" * 256, "x" * 257, "x" * 500, "x" * 501, "x" * 10_000),
    *("2026-01-01T00:00:00Z", "2026-01-01T00:00:00", "2026-01-01 00:00:00+02:00", "2026-01-01t00:00:00z"),
    *("2026-02-29T00:00:00Z", "2026-01-01T24:00:00Z", "2016-12-31T23:59:60Z", "0000-01-01T00:00:00Z"),
    *(
        "2026-01-01T00:00:00.1234567891Z",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00Z",
        "2026-01-01",
        "1767225600",
    ),
    *(
        [],
        {},
        [[]],
        [None],
        ["a"],
        [{}],
        {"": {}},
        {"line_id": "1", "quantity": 1},
        [{"line_id": "1", "quantity": 1}],
    ),
    [{"line_id": "1", "sku": "s", "quantity": 1, "unit_price": 1, "line_total": 1}],
]


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """Return a command in which up to three values were replaced, removed or added."""
    document = deepcopy(draw(st.sampled_from(VALID)))
    for _ in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from(places(document)))
        hostile = deepcopy(draw(st.sampled_from(HOSTILE)))
        if not path:
            continue
        *steps, last = path
        node = document
        for step in steps:
            node = node[step]
        match draw(st.sampled_from(["replace", "replace", "replace", "remove", "add"])):
            case "replace":
                node[last] = hostile
            case "remove":
                del node[last]
            case _ if isinstance(node, dict):
                node["unknown"] = hostile
            case _:
                node.append(hostile)
    separators = draw(st.sampled_from([(",", ":"), (", ", ": ")]))
    text = json.dumps(document, ensure_ascii=draw(st.booleans()), separators=separators)
    return text.encode(errors="surrogatepass")


def is_command(value: bytes) -> bool:
    """True when the hot path takes a document for a command, whatever the record's key is."""
    try:
        decode_order_command(Record("order-commands", 0, 0, 0, b"o-1", value, ()))
    except Undecodable as refused:
        return refused.code == "key-differs"
    return True


@settings(max_examples=2500, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutations())
def test_a_mutated_command_is_accepted_by_both_or_by_neither(value: bytes) -> None:
    assert is_command(value) == (explain(value) == [])


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value)[:24])
@pytest.mark.parametrize("valid", VALID, ids=lambda document: document["type"])
def test_a_hostile_value_in_every_place_is_accepted_by_both_or_by_neither(valid: Any, value: Any) -> None:
    for path in places(valid)[1:]:
        document = deepcopy(valid)
        node = document
        for step in path[:-1]:
            node = node[step]
        node[path[-1]] = value
        text = json.dumps(document).encode()
        assert is_command(text) == (explain(text) == []), path


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"{}",
        b"\xff",
        b"\xef\xbb\xbf{}",
        b"[" * 10_000,
        b"[" * 10_000 + b"]" * 10_000,
        *[
            json.dumps(VALID[0]).encode().replace(b'"data"', b'"unknown": %b, "data"' % unknown)
            for unknown in (
                b"1",
                b"NaN",
                b"01",
                b"1e5",
                b"-0",
                b'"\xff"',
                b'"\xed\xa0\xbd"',
                b'"a\x00"',
                b'"a\x7f"',
                b'"\\ud83d"',
                b"[" * 300 + b"]" * 300,
                b"[" * 10_000 + b"]" * 10_000,
            )
        ],
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_hostile_document_is_accepted_by_both_or_by_neither(value: bytes) -> None:
    assert is_command(value) == (explain(value) == [])


def test_a_repeated_member_is_a_fault_in_the_contract_but_the_hot_path_takes_the_last() -> None:
    twice = command_bytes(ASKED[2]).replace(b'"reason":', b'"reason":"first","reason":')
    assert is_command(twice)
    assert explain(twice) == [{"pointer": "/data/reason", "detail": "is there more than once"}]


def test_a_number_of_5000_digits_in_a_member_that_nobody_knows_is_a_fault_in_the_contract_only() -> None:
    long = command_bytes(ASKED[2]).replace(b'"data":', b'"unknown":%b,"data":' % (b"9" * 5000))
    assert is_command(long)
    assert explain(long)[0]["detail"].startswith("is not JSON: Integer value out of range")


def test_repeated_members_are_found_at_any_depth() -> None:
    faults = explain(b'{"a~/b":[{"x":1,"x":2}],"a~/b":[{"x":1},{"y":1,"y":1,"y":1}]}')
    assert [fault["pointer"] for fault in faults] == ["/a~0~1b", "/a~0~1b/1/y", "/type"]


def test_a_pointer_escapes_as_its_standard_says() -> None:
    assert pointer(("a/b", 0, "c~d", "")) == "/a~1b/0/c~0d/"
