"""What an id may look like. One word must have one spelling, because its bytes choose the partition.

An id is NFC, trimmed, 1 to 128 characters, without control characters, line ends or bidirectional marks.
It is case-sensitive. Emoji and any script are fine.
"""

import unicodedata

from app.domain.bounds import ID_LENGTH

# Controls, formats (bidirectional marks, zero width, BOM), line and paragraph ends, private use, surrogates.
# Not the unassigned: which these are depends on the version of Unicode, and so of Python.
_FORBIDDEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Co", "Cs"})
# Of the formats, some scripts and emoji need the joiners, and flags need the tags.
_JOINERS = frozenset("\u200c\u200d") | frozenset(map(chr, range(0xE0020, 0xE0080)))

_PLAIN = bytes(set(range(0x21, 0x7F)) - set(b"\\"))  # printable ASCII but space and backslash


def plain(document: bytes) -> bool:
    """True when no string of a JSON document can hold a fault, as in most of them; costs 0.3 us.

    Without a backslash nothing is escaped, so that printable ASCII is all that its strings can hold, and
    without a space each of them is trimmed. False says only: look at the ids.
    """
    return not document.translate(None, _PLAIN)


def sound(ids: list[str]) -> bool:
    """True when no id has a fault. Their lengths were checked when they were decoded."""
    text = "".join(ids)
    if text.isascii() and text.isprintable() and " " not in text:
        return True
    return all(fault(each) is None for each in ids)


def fault(text: str) -> str | None:
    """Return what is wrong with an id, in the words that its producer needs, or None."""
    if not 1 <= len(text) <= ID_LENGTH:
        return f"must have 1 to {ID_LENGTH} characters"
    if text.strip() != text:
        return "must not begin or end with white space"
    if text.isascii() and text.isprintable():
        return None
    if not unicodedata.is_normalized("NFC", text):
        return "must be in Unicode normal form NFC"
    for character in text:
        if unicodedata.category(character) in _FORBIDDEN and character not in _JOINERS:
            return f"must not contain U+{ord(character):04X}"
    return None
