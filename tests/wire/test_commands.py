"""Records that are no command, and what their producer is told."""

import json
from typing import Any

import msgspec
import pytest

from app.domain.order.commands import Checkout
from app.lane.declare import Undecodable
from app.wire.orders import MAX_COMMAND_BYTES, decode_order_command, encode_order_command
from app.wire.unreadable import MAX_EXPLAINED_BYTES
from tests.wire.samples import CANCEL, PLACE, command_bytes, record

PLACING = command_bytes(PLACE)
CANCELLING = command_bytes(CANCEL)


def refusal(value: bytes | None, key: bytes | None = b"o-1") -> tuple[str, str]:
    with pytest.raises(Undecodable) as refused:
        decode_order_command(record(value, key))
    return refused.value.code, refused.value.detail


def changed(path: str, value: Any) -> bytes:
    """Return the placing with another value at a JSON pointer."""
    document = json.loads(PLACING)
    node: Any = document
    *steps, last = path.strip("/").split("/")
    for step in steps:
        node = node[int(step) if isinstance(node, list) else step]
    node[int(last) if isinstance(node, list) else last] = value
    return json.dumps(document).encode()


@pytest.mark.parametrize("key", [None, b""])
def test_a_record_without_key_is_not_a_command(key: bytes | None) -> None:
    assert refusal(PLACING, key)[0] == "key-missing"


@pytest.mark.parametrize("value", [None, b"", b"null"])
def test_a_tombstone_is_not_a_command(value: bytes | None) -> None:
    assert refusal(value)[0] == "value-missing"


def test_the_key_must_be_the_subject() -> None:
    code, detail = refusal(PLACING, b"o-2")
    assert code == "key-differs"
    assert "b'o-2'" in detail
    assert "'o-1'" in detail


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (b"{", "not-json"),
        (b"not json", "not-json"),
        (PLACING + b" x", "not-json"),
        (b"\xef\xbb\xbf" + PLACING, "not-json"),
        (PLACING.replace(b"cart-9", rb"\ud83d"), "not-json"),
        (PLACING.replace(b'"quantity":3', b'"quantity":NaN'), "not-json"),
        (PLACING.replace(b"cart-9", b"\xff"), "not-utf-8"),
        (PLACING.replace(b'"data"', b'"unknown":"\xff","data"'), "not-utf-8"),
        (PLACING.decode().encode("utf-16"), "not-utf-8"),
        (PLACING.replace(b'"data"', b'"unknown":' + b"[" * 10_000 + b"]" * 10_000 + b',"data"'), "too-deep"),
        (b"[" * 10_000 + b"]" * 10_000, "too-deep"),
        (b'{"a":' * 10_000, "too-deep"),
        (b"[]", "command-invalid"),
        (b"{}", "command-invalid"),
        (b'"place-order.v1"', "command-invalid"),
        (PLACING.replace(b'"place-order.v1"', b"1", 1), "command-invalid"),
        (PLACING.replace(b'"place-order.v1"', b'"place-order.v2"', 1), "version-unknown"),
        (PLACING.replace(b'"place-order.v1"', b'"place-order"', 1), "type-unknown"),
        (PLACING.replace(b'"place-order.v1"', b'"sell-order.v1"', 1), "type-unknown"),
        (PLACING.replace(b'"place-order.v1"', b'""', 1), "type-unknown"),
    ],
)
def test_what_cannot_be_read_has_a_code(value: bytes, code: str) -> None:
    assert refusal(value)[0] == code


def test_a_wrong_version_is_answered_with_the_right_one() -> None:
    detail = refusal(PLACING.replace(b'"place-order.v1"', b'"place-order.v9"', 1))[1]
    assert detail == "'place-order.v9': this release reads place-order.v1"


@pytest.mark.parametrize(
    "number", [12.0, 12.5, "12", True, None, -1, 0, 2**53, 2**53 + 1, 2**63, 2**64, [], {}]
)
def test_a_quantity_is_a_whole_number_within_bounds(number: Any) -> None:
    code, detail = refusal(changed("/data/lines/0/quantity", number))
    assert code == "command-invalid"
    assert detail.startswith("/data/lines/0/quantity: ")


def test_neither_is_a_number_with_an_exponent() -> None:
    assert refusal(PLACING.replace(b'"quantity":3', b'"quantity":1e2'))[0] == "command-invalid"


@pytest.mark.parametrize("number", [1, 2**31, 2**53 - 1])
def test_a_quantity_within_bounds_is_read_exactly(number: int) -> None:
    command = decode_order_command(record(changed("/data/lines/0/quantity", number)))
    assert command.data.lines[0].quantity == number


def test_minus_zero_is_zero() -> None:
    command = decode_order_command(record(PLACING.replace(b'"list_price":2500', b'"list_price":-0')))
    assert command.data.lines[0].list_price == 0


@pytest.mark.parametrize(
    "sku",
    [
        "",
        "a\u0000b",
        "sku-e\u0301",
        "trailing ",
        " leading",
        "a\tb",
        "\u200fabc",
        "abc\u202e",
        "x" * 129,
        "a\u2028b",
    ],
)
def test_a_hostile_sku_is_refused_by_its_pointer(sku: str) -> None:
    code, detail = refusal(changed("/data/lines/0/sku", sku))
    assert code == "command-invalid"
    assert detail.startswith("/data/lines/0/sku: ")


@pytest.mark.parametrize(
    "path",
    [
        "/id",
        "/subject",
        "/correlationid",
        "/causationid",
        "/traceparent",
        "/data/cart_id",
        "/data/customer_id",
        "/data/zone",
        "/data/origin",
        "/data/replaces",
        "/data/lines/1/line_id",
        "/data/lines/1/sku",
        "/data/lines/0/line_discounts/0/id",
        "/data/shipping/0/line_id",
    ],
)
def test_every_id_is_looked_at(path: str) -> None:
    for wrong in ("a\u0007b", "a ", "e\u0301"):
        code, detail = refusal(changed(path, wrong), b"o-1")
        assert code == "command-invalid"
        assert detail.startswith(f"{path}: ")


@pytest.mark.parametrize("sku", ["🧦-42", "sku-é", "../", "SKU 1", "a/b?c#d%20", "商品", "👩‍🔧", "x" * 128])
def test_a_strange_but_sound_sku_is_fine(sku: str) -> None:
    command = decode_order_command(record(changed("/data/lines/0/sku", sku)))
    assert command.data.lines[0].sku == sku


@pytest.mark.parametrize("currency", ["eur", "EU", "EURO", "E1R", "ÀÉÎ", "E\uff35R", ""])
def test_a_currency_is_three_capital_letters(currency: str) -> None:
    code, detail = refusal(changed("/data/currency", currency))
    assert code == "command-invalid"
    assert detail.startswith("/data/currency: ")


@pytest.mark.parametrize(
    "moment", ["2026-01-01T00:00:00", "2026-01-01", "yesterday", 1_767_225_600, "2026-02-30T00:00:00Z"]
)
def test_a_time_has_a_zone(moment: Any) -> None:
    code, detail = refusal(changed("/data/placed_at", moment))
    assert code == "command-invalid"
    assert detail.startswith("/data/placed_at: ")


def test_all_faults_are_named_at_once() -> None:
    document = json.loads(PLACING)
    document["data"]["lines"][0]["quantity"] = 0
    document["data"]["lines"][1]["sku"] = "a "
    del document["data"]["totals"]
    document["specversion"] = "0.3"
    code, detail = refusal(json.dumps(document).encode())
    assert code == "command-invalid"
    assert [fault.split(":")[0] for fault in detail.split("; ")] == [
        "/specversion",
        "/data/lines/0/quantity",
        "/data/lines/1/sku",
        "/data/totals",
    ]


def test_a_long_list_of_faults_is_cut() -> None:
    lines = [{"line_id": str(i)} for i in range(100)]
    assert refusal(changed("/data/lines", lines))[1].endswith("; and 350 more")


def test_above_a_cap_only_the_first_fault_is_named() -> None:
    filler = "x" * MAX_EXPLAINED_BYTES
    code, detail = refusal(changed("/data/lines/0/quantity", 0)[:-1] + f',"filler":"{filler}"}}'.encode())
    assert code == "command-invalid"
    assert "`$.data.lines[0].quantity`" in detail
    code, detail = refusal(changed("/data/cart_id", "a ")[:-1] + f',"filler":"{filler}"}}'.encode())
    assert code == "command-invalid"
    assert "an id or the currency" in detail


def test_an_order_of_a_megabyte_is_not_looked_at() -> None:
    lines = json.loads(PLACING)["data"]["lines"] * 3000
    code, detail = refusal(changed("/data/lines", lines))
    assert code == "order-too-large"
    assert str(MAX_COMMAND_BYTES) in detail


def test_a_command_without_the_optional_attributes_is_fine() -> None:
    bare = b'{"specversion":"1.0","id":"c","source":"/x","type":"cancel-order.v1","subject":"o-1","data":{}}'
    command = decode_order_command(record(bare))
    assert command.data == type(CANCEL)()
    assert (command.id, command.type, command.source) == ("c", "cancel-order.v1", "/x")
    assert (command.time, command.correlation_id, command.expected_version) == (None, None, None)


def test_attributes_and_members_that_we_do_not_know_are_ignored() -> None:
    more = CANCELLING.replace(
        b'"data":{', b'"partitionkey":"7","datacontenttype":"application/json","data":{"note":[1],'
    )
    assert decode_order_command(record(more)) == decode_order_command(record(CANCELLING))


def test_white_space_and_member_order_do_not_matter() -> None:
    document = json.loads(PLACING)
    other = json.dumps(dict(reversed(document.items())), indent=2).encode()
    assert decode_order_command(record(other)) == decode_order_command(record(PLACING))


def test_a_checkout_comes_with_the_order_and_costs_nothing_where_there_is_none() -> None:
    asked = Checkout(
        warehouse="north", backorder=True, provider="stripe", method="pm_1", capture="at-confirmation",
        pay_within_s=900,
    )  # fmt: skip
    value = encode_order_command(
        id="cmd-1", subject="o-1", data=msgspec.structs.replace(PLACE, checkout=asked)
    )
    assert value.endswith(
        b',"checkout":{"warehouse":"north","backorder":true,"provider":"stripe","method":"pm_1",'
        b'"capture":"at-confirmation","pay_within_s":900}}}'
    )
    assert decode_order_command(record(value)).data.checkout == asked
    assert b"checkout" not in encode_order_command(id="cmd-1", subject="o-1", data=PLACE)


def test_a_tax_rate_may_be_finer_than_a_basis_point_and_costs_nothing_where_it_is_not() -> None:
    """8.875 %, as in the city of New York."""
    line = msgspec.structs.replace(PLACE.lines[0], tax_rate_bp=887, tax_rate_micro_bp=500_000)
    charge = msgspec.structs.replace(PLACE.shipping[0], tax_rate_bp=887, tax_rate_micro_bp=500_000)
    fine = msgspec.structs.replace(PLACE, lines=(line,), shipping=(charge,))
    value = encode_order_command(id="cmd-1", subject="o-1", data=fine)
    assert value.count(b'"tax_rate_bp":887,"tax_rate_micro_bp":500000,') == 2
    assert decode_order_command(record(value)).data == fine
    assert b"micro" not in encode_order_command(id="cmd-1", subject="o-1", data=PLACE)
    with pytest.raises(Undecodable, match="/data/lines/0/tax_rate_micro_bp"):
        decode_order_command(record(value.replace(b"500000", b"1000000")))
