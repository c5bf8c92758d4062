"""One word has one spelling, because the bytes of an id choose its partition."""

import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.bounds import ID_LENGTH
from app.lane.partition import partition_of
from app.wire.ids import fault, plain, sound


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "must have 1 to 128 characters"),
        ("x" * (ID_LENGTH + 1), "must have 1 to 128 characters"),
        ("a ", "must not begin or end with white space"),
        ("\u00a0a", "must not begin or end with white space"),
        ("e\u0301", "must be in Unicode normal form NFC"),
        ("a\u0000", "must not contain U+0000"),
        ("a\u007f", "must not contain U+007F"),
        ("a\u200f", "must not contain U+200F"),
        ("a\u2066b", "must not contain U+2066"),
        ("a\ufeffb", "must not contain U+FEFF"),
        ("a\ue000b", "must not contain U+E000"),
        ("a\u2029b", "must not contain U+2029"),
    ],
)
def test_a_fault_is_told_in_words(text: str, wrong: str) -> None:
    assert fault(text) == wrong
    assert not sound(["fine", text]) or "128" in wrong  # the length is msgspec's to check


@pytest.mark.parametrize(
    "text", ["a", "a b", "🧦-42", "👩‍🔧", "sku-é", "../", "نام", "x" * ID_LENGTH, "\U0001f3f4\U000e0067"]
)
def test_any_script_and_emoji_are_fine(text: str) -> None:
    assert fault(text) is None
    assert sound(["fine", text])


def test_no_control_and_no_mark_of_direction_passes() -> None:
    for point in range(sys.maxunicode + 1):
        character = chr(point)
        directs = unicodedata.bidirectional(character) in {
            "LRE",
            "RLE",
            "LRO",
            "RLO",
            "PDF",
            "LRI",
            "RLI",
            "FSI",
            "PDI",
        }
        if directs or unicodedata.category(character) == "Cc":
            assert fault(f"a{character}b") is not None


@settings(deadline=None)
@given(st.binary(max_size=30) | st.text('ab{" \\\x7f', max_size=30).map(str.encode))
def test_a_plain_document_is_printable_ascii_without_escapes_and_spaces(document: bytes) -> None:
    assert plain(document) == all(0x20 < byte < 0x7F and byte != 0x5C for byte in document)


def test_spellings_of_one_word_would_be_two_orders() -> None:
    composed, decomposed = "sku-é", "sku-e\u0301"
    assert partition_of(composed.encode(), 12) != partition_of(decomposed.encode(), 12)
    assert fault(composed) is None
    assert fault(decomposed) is not None


@pytest.mark.parametrize(
    ("key", "partitions", "java", "librdkafka"),
    [
        ("TT0124", 15, 10, 9),
        ("354afe16-939a-4ea8-8e17-8bb0840b6886", 10, 4, 9),
        ("order-1", 12, 10, 7),
        ("order-2", 12, 3, 9),
        ("order-3", 12, 3, 11),
    ],
)
def test_keys_lie_where_java_puts_them(key: str, partitions: int, java: int, librdkafka: int) -> None:
    assert partition_of(key.encode(), partitions) == java != librdkafka
